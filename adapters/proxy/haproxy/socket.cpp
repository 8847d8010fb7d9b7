#include "adapters/proxy/haproxy/socket.hpp"

#include <asio/connect.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include <fmt/format.h>
#include <sys/un.h>
#include <vector>

#include "loop/deadline.hpp"
#include "loop/sleep.hpp"
#include "loop/suspend.hpp"

namespace shunt::haproxy {

namespace {

using Protocol = asio::generic::stream_protocol;

constexpr std::size_t longest_answer = 16 * 1024 * 1024;
constexpr Milliseconds backlog_pause{10};

/// Where to connect, one after the other.
struct Route {
  std::vector<Protocol::endpoint> endpoints;
};

Error not_reached(const std::string& socket, const std::string& reason) {
  Error error(
      "SH1501", Kind::adapter, fmt::format("cannot reach HAProxy at {}: {}", socket, reason),
      "check that HAProxy runs, that `stats socket` in haproxy.cfg names this socket, and that you may write to it");
  error.retryable = true;
  return error;
}

Error not_an_address(const std::string& socket) {
  return Error("SH1501", Kind::config, fmt::format("'{}' is neither the path of a unix socket nor host:port", socket),
               "give `socket` the path or address of `stats socket` in haproxy.cfg");
}

constexpr std::size_t longest_path = sizeof(sockaddr_un::sun_path);

Error too_long(const std::string& socket) {
  return Error("SH1501", Kind::config,
               fmt::format("'{}' cannot be the path of a socket: the system takes at most {} bytes, it has {}", socket,
                           longest_path - 1, socket.size()),
               "put `stats socket` in haproxy.cfg, and `socket`, at a shorter path");
}

void let_cancellation_pass(const asio::error_code& error) {
  if (error == asio::error::operation_aborted) throw asio::system_error(error);
}

Task<Result<Route>> resolve(std::string socket) {
  Route route;
  if (is_path(socket)) {
    if (socket.size() >= longest_path) co_return too_long(socket);
    route.endpoints.emplace_back(asio::local::stream_protocol::endpoint(socket));
    co_return route;
  }
  const auto colon = socket.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == socket.size()) co_return not_an_address(socket);
  auto host = socket.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  asio::error_code error;
  auto token = asio::redirect_error(asio::use_awaitable, error);
  auto found = co_await resolver.async_resolve(host, socket.substr(colon + 1), token);
  let_cancellation_pass(error);
  if (error) co_return not_reached(socket, error.message());
  for (const auto& entry : found) route.endpoints.emplace_back(entry.endpoint());
  co_return route;
}

/// While the backlog of a unix socket is full it answers EAGAIN, which Asio calls no_buffer_space: tries until there is
/// room. The deadline is the caller's.
Task<asio::error_code> connect(Protocol::socket& socket, Protocol::endpoint endpoint) {
  while (true) {
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await socket.async_connect(endpoint, token);
    let_cancellation_pass(error);
    if (error != asio::error::no_buffer_space) co_return error;
    asio::error_code ignored;
    socket.close(ignored);
    co_await loop::sleep(backlog_pause);
  }
}

Task<Result<std::string>> read_all(Protocol::socket& socket, std::string place) {
  std::string text;
  std::vector<char> buffer(64 * 1024);
  while (true) {
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    const auto got = co_await socket.async_read_some(asio::buffer(buffer), token);
    let_cancellation_pass(error);
    text.append(buffer.data(), got);
    if (error) co_return text;  // closed or reset: whether the answer is complete shows in its text
    if (text.size() > longest_answer) {
      Error too_long("SH1503", Kind::adapter, fmt::format("what answers at {} does not come to an end", place),
                     "check that the socket is HAProxy's runtime socket");
      co_return too_long;
    }
  }
}

Task<Result<std::string>> exchange(std::string place, std::string line) {
  auto route = co_await resolve(place);
  if (!route) co_return std::move(route).error();
  auto executor = co_await asio::this_coro::executor;
  Protocol::socket socket(executor);
  asio::error_code error = asio::error::host_not_found;
  for (const auto& endpoint : route->endpoints) {
    asio::error_code ignored;
    socket.close(ignored);
    error = co_await connect(socket, endpoint);
    if (!error) break;
  }
  if (error) co_return not_reached(place, error.message());
  line += '\n';
  auto token = asio::redirect_error(asio::use_awaitable, error);
  co_await asio::async_write(socket, asio::buffer(line), token);
  let_cancellation_pass(error);
  if (error) co_return not_reached(place, error.message());
  auto text = co_await read_all(socket, place);
  co_return text;
}

}  // namespace

bool is_path(const std::string& socket) {
  return socket.find('/') != std::string::npos;
}

Task<Result<std::string>> ask(std::string socket, std::string line, Milliseconds limit) {
  auto exchanged = co_await loop::with_deadline(exchange(socket, std::move(line)), limit);
  if (exchanged) co_return std::move(*exchanged);
  Error error("SH1502", Kind::timeout, fmt::format("HAProxy at {} did not answer within {}", socket, to_text(limit)),
              "look whether HAProxy hangs (`show info` on its socket), or raise `timeout`");
  error.retryable = true;
  co_return error;
}

}  // namespace shunt::haproxy
