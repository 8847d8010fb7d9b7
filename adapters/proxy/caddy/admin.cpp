#include "adapters/proxy/caddy/admin.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "adapters/proxy/caddy/replies.hpp"

namespace shunt::caddy {

namespace {

constexpr std::size_t longest_answer = 32 << 20;
constexpr int ok = 200;
constexpr int bad_request = 400;
constexpr int forbidden = 403;
constexpr int not_found = 404;
constexpr int precondition_failed = 412;

Error too_late(const std::string& name) {
  Error error("SH1502", Kind::timeout, fmt::format("Caddy's admin API at {} did not answer in time", name),
              "look what keeps Caddy, or raise `timeout`");
  error.retryable = true;
  return error;
}

}  // namespace

std::optional<Place> parse_place(const std::string& text) {
  constexpr std::string_view unix_network = "unix/";
  const bool plain = std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c != 127; });
  if (!plain || text.empty()) return std::nullopt;
  if (text == unix_network) return std::nullopt;
  if (text.starts_with(unix_network)) return Place{"http://caddy", text.substr(unix_network.size()), text};
  if (text.front() == '/') return Place{"http://caddy", text, text};
  auto url = text.find("://") == std::string::npos ? "http://" + text : text;
  if (!url.starts_with("http://") && !url.starts_with("https://")) return std::nullopt;
  while (url.ends_with('/')) url.pop_back();
  if (url.ends_with(':')) return std::nullopt;
  return Place{url, "", text};
}

http::Request Admin::request(std::string method, const std::string& path) const {
  http::Request request(place_.url + path);
  request.method = std::move(method);
  request.unix_socket = place_.unix_socket;
  if (!place_.unix_socket.empty()) request.headers.emplace_back("Host", "");  // the only one that Caddy lets in there
  request.max_bytes = longest_answer;
  request.fresh_connection = true;
  return request;
}

Error Admin::failed(const Error& reason) const {
  if (reason.code == "SH1702") return too_late(name());
  if (reason.code == "SH1701" || reason.code == "SH1705") {
    Error error("SH1501", reason.code == "SH1701" ? Kind::adapter : Kind::config,
                fmt::format("cannot reach Caddy's admin API at {}: {}", name(), reason.message),
                "start Caddy, or name the address of its admin API in `admin`");
    error.retryable = reason.retryable;
    return error;
  }
  Error error("SH1503", Kind::adapter, fmt::format("Caddy's answer at {} broke off: {}", name(), reason.message),
              "look into Caddy's log, and check that `admin` leads to Caddy's admin API");
  error.retryable = true;
  error.evidence = {{"text", reason.message}};
  return error;
}

Error Admin::refused(const http::Response& response) const {
  const auto reason = reason_in(response.body);
  if (response.status == forbidden)
    return Error("SH1501", Kind::config, fmt::format("Caddy's admin API at {} lets nobody in: {}", name(), reason),
                 "write `admin` with a host that Caddy's `origins` allow, such as 127.0.0.1");
  if (response.status == bad_request || response.status == not_found)
    return Error("SH1504", Kind::config, fmt::format("Caddy's configuration has no such part: {}", reason),
                 "correct `id` or `path`");
  auto error = unexpected("its configuration", response.body);
  error.message = fmt::format("Caddy's admin API at {} answers with status {}: {}", name(), response.status, reason);
  return error;
}

Task<Result<http::Response>> Admin::send(http::Request request, loop::TimeLimit limit) const {
  if (limit.is_over()) co_return too_late(name());
  request.timeout = limit.rest();
  auto response = co_await http_.send(std::move(request));
  if (!response) co_return failed(response.error());
  co_return response;
}

Task<Result<Document>> Admin::read(std::string path, loop::TimeLimit limit) const {
  auto question = request("GET", path);
  auto response = co_await send(std::move(question), limit);
  if (!response) co_return response.error();
  if (response->status != ok) co_return refused(*response);
  auto value = parse_document(response->body);
  if (!value) co_return value.error();
  Document document{std::move(*value), response->header("etag")};
  co_return document;
}

Task<Result<bool>> Admin::write(std::string path, bool exists, Value value, std::string etag,
                                loop::TimeLimit limit) const {
  auto order = request(exists ? "PATCH" : "PUT", path);
  order.headers.emplace_back("Content-Type", "application/json");
  if (!etag.empty()) order.headers.emplace_back("If-Match", etag);
  order.body = value.dump();
  auto response = co_await send(std::move(order), limit);
  if (!response) co_return response.error();
  if (response->status == precondition_failed) co_return false;
  if (response->status == ok) co_return true;
  if (response->status != bad_request) co_return refused(*response);
  Error error("SH1509", Kind::config, fmt::format("Caddy refuses the configuration: {}", reason_in(response->body)),
              "correct what Caddy names, then try again; it runs what it ran before");
  error.evidence = {{"text", response->body}};
  co_return error;
}

Task<Result<std::map<std::string, int>>> Admin::requests(loop::TimeLimit limit) const {
  auto question = request("GET", "/reverse_proxy/upstreams");
  auto response = co_await send(std::move(question), limit);
  if (!response) co_return response.error();
  if (response->status != ok) co_return refused(*response);
  co_return parse_requests(response->body);
}

Task<Result<std::int64_t>> Admin::started(loop::TimeLimit limit) const {
  auto question = request("GET", "/metrics");
  auto response = co_await send(std::move(question), limit);
  if (!response) co_return response.error();
  co_return response->status == ok ? parse_started(response->body) : 0;
}

Task<Result<std::vector<std::string>>> Admin::arguments(loop::TimeLimit limit) const {
  auto question = request("GET", "/debug/pprof/cmdline");
  auto response = co_await send(std::move(question), limit);
  if (!response) co_return response.error();
  co_return response->status == ok ? parse_arguments(response->body) : std::vector<std::string>();
}

}  // namespace shunt::caddy
