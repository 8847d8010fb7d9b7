#include "connection.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <asio/write.hpp>
#include <cctype>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

namespace shop {

namespace {

constexpr std::size_t longest_request = 1024 * 1024;

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 500:
      return "Internal Server Error";
    default:
      return "Service Unavailable";
  }
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// The value of a header in the head of a request, "" when it is absent.
std::string_view header(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at + 2)) {
    auto line = head.substr(at + 2, head.find("\r\n", at + 2) - at - 2);
    if (line.size() <= name.size() || line[name.size()] != ':' || !same_letters(line.substr(0, name.size()), name))
      continue;
    line.remove_prefix(name.size() + 1);
    const auto start = line.find_first_not_of(' ');
    return start == std::string_view::npos ? "" : line.substr(start);
  }
  return "";
}

std::size_t body_length(std::string_view head) {
  const auto text = header(head, "content-length");
  std::size_t length = 0;
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

/// What proves that a websocket's key was read (RFC 6455): some proxies look.
std::string accept_of(std::string_view key) {
  const auto text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<unsigned char, 64> encoded{};
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
  return std::string(encoded.begin(), encoded.begin() + length);
}

}  // namespace

void Connections::close() {
  closing = true;
  const std::vector<Connection*> now(open.begin(), open.end());
  for (auto* connection : now) connection->close_if_idle();
}

Connection::Connection(asio::ip::tcp::socket socket, Connections& all)
    : socket_(std::move(socket)), delay_(socket_.get_executor()), all_(all) {
  socket_.set_option(asio::ip::tcp::no_delay(true));
  all_.open.insert(this);
}

Connection::~Connection() {
  all_.open.erase(this);
}

void Connection::close_if_idle() {
  std::error_code ignored;
  if (!busy_ && in_.empty()) socket_.close(ignored);
}

void Connection::read() {
  if (take_request()) return;
  if (in_.size() > longest_request || (all_.closing && in_.empty())) return;
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](std::error_code error, std::size_t got) {
    self->in_.append(self->chunk_.data(), got);
    if (!error) self->read();
  });
}

// Takes the first request off what has come, if it is whole, and answers it.
bool Connection::take_request() {
  const auto end = in_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto head = std::string_view(in_).substr(0, end + 2);
  const auto whole = end + 4 + body_length(head);
  if (in_.size() < whole) return false;
  const auto first = head.find(' ');
  const auto target = first < head.find("\r\n") ? head.substr(first + 1, head.find(' ', first + 1) - first - 1) : "/";
  const bool keep_alive = !same_letters(header(head, "connection"), "close");
  busy_ = true;
  if (same_letters(header(head, "upgrade"), "websocket")) {
    accept_ = accept_of(header(head, "sec-websocket-key"));
    in_.erase(0, whole);
    upgrade();
    return true;
  }
  answer(target, keep_alive);
  in_.erase(0, whole);
  return true;
}

void Connection::answer(std::string_view target, bool keep_alive) {
  answer_ = all_.answers.to(target);
  last_ = !keep_alive;
  if (answer_.delay <= 0) return send();
  delay_.expires_after(std::chrono::milliseconds(answer_.delay));
  delay_.async_wait([self = shared_from_this()](std::error_code error) {
    if (!error) self->send();
  });
}

// Whether this is the last answer is decided when it is sent: the shop may have begun to close while it was waiting.
void Connection::send() {
  last_ = last_ || all_.closing;
  out_.clear();
  out_.append("HTTP/1.1 ").append(std::to_string(answer_.status)).append(" ").append(reason(answer_.status));
  out_.append("\r\nContent-Type: ").append(answer_.type).append("\r\nX-Version: ").append(all_.answers.version());
  out_.append("\r\nContent-Length: ").append(std::to_string(answer_.body.size()));
  out_.append(last_ ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n").append(answer_.body);
  asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](std::error_code error, std::size_t) {
    self->busy_ = false;
    if (!error && !self->last_) self->read();
  });
}

// Every byte that comes from now on goes back: as long-lived as a websocket, without its frames.
void Connection::upgrade() {
  out_ = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ";
  out_.append(accept_).append("\r\nX-Version: ").append(all_.answers.version()).append("\r\n\r\n").append(in_);
  asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](std::error_code error, std::size_t) {
    if (!error) self->echo();
  });
}

void Connection::echo() {
  socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](std::error_code error, std::size_t got) {
    if (error) return;
    self->out_.assign(self->chunk_.data(), got);
    asio::async_write(self->socket_, asio::buffer(self->out_), [self](std::error_code failed, std::size_t) {
      if (!failed) self->echo();
    });
  });
}

}  // namespace shop
