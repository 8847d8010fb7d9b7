#include "http/transfer.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <system_error>

#include "http/head.hpp"

namespace shunt::http {

namespace {

constexpr long receive_buffer = 1024;  // the least that libcurl takes: it is most of what an idle probe costs
constexpr std::size_t longest_head = 256 * 1024;

bool starts_with_scheme(std::string_view url, std::string_view scheme) {
  return url.size() > scheme.size() && curl_strnequal(url.data(), scheme.data(), scheme.size()) != 0;
}

bool is_https(std::string_view url) {
  return starts_with_scheme(url, "https://");
}

/// "host:port" of a URL, without user and password.
std::string_view authority(std::string_view url) {
  const auto begin = url.find("://");
  if (begin != std::string_view::npos) url.remove_prefix(begin + 3);
  const auto is_end = [](char letter) { return letter == '/' || letter == '?' || letter == '#'; };
  const auto end = std::find_if(url.begin(), url.end(), is_end);
  url = url.substr(0, static_cast<std::size_t>(end - url.begin()));
  const auto user = url.rfind('@');
  return user == std::string_view::npos ? url : url.substr(user + 1);
}

bool is_loopback(std::string_view host) {
  return host.starts_with("127.") || host.starts_with("[::1]") || host == "localhost" || host.starts_with("localhost:");
}

/// Requests that may be sent twice: libcurl does that by itself when an idle connection turns out to be dead.
bool is_repeatable(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

bool may_have_body(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

bool has_header(const Headers& headers, const char* name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const auto& header) { return curl_strequal(header.first.c_str(), name) != 0; });
}

/// No child process inherits a connection.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) {
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/// Whether a status line says 200 to 299.
bool is_good(std::string_view line) {
  const auto blank = line.find(' ');
  return blank != std::string_view::npos && line.substr(blank + 1).starts_with('2');
}

std::string text_of(int error) {
  return std::error_code(error, std::generic_category()).message();
}

}  // namespace

std::optional<Error> malformed(const Request& request) {
  const auto refuse = [](std::string what, std::string remedy) {
    return Error("SH1705", Kind::config, std::move(what), std::move(remedy));
  };
  if (!starts_with_scheme(request.url, "http://") && !is_https(request.url))
    return refuse("the URL of the request does not begin with http:// or https://", "give a whole URL");
  if (authority(request.url).empty()) return refuse("the URL of the request names no host", "give a whole URL");
  if (!is_header_value(request.url) || request.url.find(' ') != std::string::npos)
    return refuse(fmt::format("the URL of the request to {} holds a blank or control character", peer_of(request)),
                  "encode it (a blank is %20)");
  if (!is_token(request.method))
    return refuse(fmt::format("the method of the request to {} is not a word", peer_of(request)), "use GET, POST …");
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name))
      return refuse(fmt::format("a request to {} has a header whose name is not one", peer_of(request)),
                    "use letters, digits and hyphens");
    if (!is_header_value(value))
      return refuse(fmt::format("the value of the header {} holds a line break or control character", name),
                    "remove it");
  }
  if (request.unix_socket.size() >= sizeof(sockaddr_un::sun_path))
    return refuse(fmt::format("the path of the socket {} is too long for the system", request.unix_socket),
                  fmt::format("use one of at most {} bytes", sizeof(sockaddr_un::sun_path) - 1));
  if (!request.body_file.empty() && ::access(request.body_file.c_str(), R_OK) != 0)
    return refuse(fmt::format("{}, which the request to {} sends, cannot be read: {}", request.body_file,
                              peer_of(request), text_of(errno)),
                  "make it readable");
  return std::nullopt;
}

std::string peer_of(const Request& request) {
  return request.unix_socket.empty() ? std::string(authority(request.url)) : request.unix_socket;
}

void Transfer::prepare_handle(CURL* easy) {
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // or ending a transfer waits for the resolver's thread
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffer);
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "shunt");  // unless a request brings its own
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &open_socket);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  if (const char* file = std::getenv("SSL_CERT_FILE")) curl_easy_setopt(easy, CURLOPT_CAINFO, file);
  if (const char* folder = std::getenv("SSL_CERT_DIR")) curl_easy_setopt(easy, CURLOPT_CAPATH, folder);
}

void Transfer::prepare(CURL* easy, Answered completion) {
  completion_.emplace(std::move(completion));
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  set_limits(easy);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  if (is_https(request_.url)) {
    reason_ = std::make_unique<std::array<char, CURL_ERROR_SIZE>>();
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason_->data());
    set_tls(easy);
  }
  set_peer(easy);
  set_method(easy);
  set_headers(easy);
}

void Transfer::release(CURL* easy) const {
  if (reason_) curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, nullptr);
  if (lines_) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, nullptr);
}

void Transfer::set_peer(CURL* easy) const {
  const bool by_socket = !request_.unix_socket.empty();
  curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, by_socket ? request_.unix_socket.c_str() : nullptr);
  // What answers on this machine is asked itself, whatever http_proxy says.
  curl_easy_setopt(easy, CURLOPT_PROXY, by_socket || is_loopback(authority(request_.url)) ? "" : nullptr);
  const bool fresh = request_.fresh_connection;
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh || !is_repeatable(request_.method) ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, fresh ? 1L : 0L);
}

void Transfer::set_tls(CURL* easy) const {
  const auto& tls = request_.tls;
  if (!tls.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, tls.ca_file.c_str());
  if (!tls.cert_file.empty()) curl_easy_setopt(easy, CURLOPT_SSLCERT, tls.cert_file.c_str());
  if (!tls.key_file.empty()) curl_easy_setopt(easy, CURLOPT_SSLKEY, tls.key_file.c_str());
}

void Transfer::set_limits(CURL* easy) const {
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::max<Milliseconds::rep>(request_.timeout.count(), 1)));
  const auto seconds = (std::max<Milliseconds::rep>(request_.silence.count(), 0) + 999) / 1000;
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, seconds > 0 ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(seconds));
}

void Transfer::set_body_of_file(CURL* easy) {
  file_.open(request_.body_file, std::ios::binary);
  std::error_code failed;
  const auto size = std::filesystem::file_size(request_.body_file, failed);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, failed ? curl_off_t{-1} : static_cast<curl_off_t>(size));
  curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfer::on_read);
  curl_easy_setopt(easy, CURLOPT_READDATA, this);
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method == "POST" ? nullptr : request_.method.c_str());
}

void Transfer::set_method(CURL* easy) {
  const auto& method = request_.method;
  if (!request_.body_file.empty()) return set_body_of_file(easy);
  const bool posts = method != "HEAD" && (!request_.body.empty() || may_have_body(method));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(posts ? request_.body.size() : 0));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, posts ? request_.body.data() : nullptr);
  if (!posts) curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  if (method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  const bool by_itself = method == "HEAD" || method == (posts ? "POST" : "GET");
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, by_itself ? nullptr : method.c_str());
}

void Transfer::set_headers(CURL* easy) {
  // libcurl's spelling: "Name: value", "Name;" for an empty value, "Name:" to leave out one that it would send by
  // itself.
  const auto add = [this](const std::string& line) {
    curl_slist* longer = curl_slist_append(lines_, line.c_str());
    if (!longer) throw std::bad_alloc();
    lines_ = longer;
  };
  for (const auto& [name, value] : request_.headers)
    add(value.empty() ? name + ';' : fmt::format("{}: {}", name, value));
  if (!request_.body.empty() || !request_.body_file.empty() || may_have_body(request_.method)) {
    if (!has_header(request_.headers, "content-type")) add("Content-Type:");
    if (!has_header(request_.headers, "expect")) add("Expect:");
  }
  if (lines_) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines_);
}

std::size_t Transfer::on_body(char* data, std::size_t unit, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t size = unit * count;
  if (transfer.streams_) {
    transfer.request_.on_data(std::string_view(data, size));
    return size;
  }
  auto& body = transfer.response_.body;
  transfer.too_long_ = size > transfer.request_.max_bytes - std::min(transfer.request_.max_bytes, body.size());
  if (transfer.too_long_) return CURL_WRITEFUNC_ERROR;
  try {
    body.append(data, size);
  } catch (const std::bad_alloc&) {
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

std::size_t Transfer::on_read(char* data, std::size_t unit, std::size_t count, void* self) {
  auto& file = static_cast<Transfer*>(self)->file_;
  file.read(data, static_cast<std::streamsize>(unit * count));
  return file.bad() || !file.is_open() ? CURL_READFUNC_ABORT : static_cast<std::size_t>(file.gcount());
}

std::size_t Transfer::on_header(char* data, std::size_t unit, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t size = unit * count;
  transfer.head_size_ += size;
  transfer.too_long_ = transfer.head_size_ > longest_head;
  if (transfer.too_long_) return CURL_WRITEFUNC_ERROR;
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) transfer.streams_ = transfer.request_.on_data && is_good(line);
  try {
    add_line(transfer.response_.headers, line);
  } catch (const std::bad_alloc&) {
    return CURL_WRITEFUNC_ERROR;
  }
  return size;
}

Result<Response> Transfer::outcome(CURL* easy, CURLcode code) {
  if (code != CURLE_OK) return failure(easy, code);
  long status = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
  response_.status = static_cast<int>(status);
  response_.latency = Milliseconds(microseconds / 1000);
  return std::move(response_);
}

Error Transfer::failure(CURL* easy, CURLcode code) const {
  const auto peer = peer_of(request_);
  const std::string reason = reason_ && reason_->front() != '\0' ? reason_->data() : curl_easy_strerror(code);
  const auto error = [](const char* number, Kind kind, std::string message, std::string remedy, bool retryable) {
    Error made(number, kind, std::move(message), std::move(remedy));
    made.retryable = retryable;
    return made;
  };
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return error("SH1701", Kind::adapter, fmt::format("cannot connect to {}: its address cannot be found", peer),
                   "correct the name, or see to it that this machine can resolve it", true);
    case CURLE_COULDNT_CONNECT: {
      long number = 0;
      curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
      return error(
          "SH1701", Kind::adapter,
          fmt::format("cannot connect to {}: {}", peer, number != 0 ? text_of(static_cast<int>(number)) : reason),
          "start what should listen there, or correct the address", true);
    }
    case CURLE_OPERATION_TIMEDOUT: {
      curl_off_t microseconds = 0;
      curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
      const bool silent = request_.silence > Milliseconds(0) && Milliseconds(microseconds / 1000) < request_.timeout;
      const auto what = silent ? fmt::format("{} has said nothing for {}", peer, to_text(request_.silence))
                               : fmt::format("{} did not answer within {}", peer, to_text(request_.timeout));
      return error("SH1702", Kind::timeout, what, "find out what keeps it busy, or give it a longer timeout", true);
    }
    case CURLE_URL_MALFORMAT:
      return error("SH1705", Kind::config, fmt::format("the URL of the request to {} is malformed", peer),
                   "correct the URL", false);
    case CURLE_UNSUPPORTED_PROTOCOL:  // the scheme of the URL was looked at before: this is about the answer
      return error("SH1704", Kind::adapter, fmt::format("what {} answers is not HTTP", peer), "correct the address",
                   false);
    case CURLE_GOT_NOTHING:
      return error("SH1704", Kind::adapter, fmt::format("{} closed the connection without an answer", peer),
                   "look at its log", false);
    default:
      break;
  }
  if (too_long_)
    return error("SH1703", Kind::adapter,
                 fmt::format("the answer of {} is longer than {} bytes", peer,
                             head_size_ > longest_head ? longest_head : request_.max_bytes),
                 "ask for less, or correct the URL", false);
  return error("SH1704", Kind::adapter, fmt::format("the exchange with {} failed: {}", peer, reason),
               "look at its log; for TLS, at its certificate", false);
}

}  // namespace shunt::http
