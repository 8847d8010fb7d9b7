#include "adapters/runtime/docker/daemon.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "shunt/json.hpp"

namespace shunt::adapters::docker {

namespace {

Error unreachable(const Host& host, Error reason) {
  Error error("SH1431", Kind::adapter, fmt::format("the container engine at {} cannot be reached", host.name),
              "start it, or correct `host` (or DOCKER_HOST); the user that runs shunt must be allowed to use it, for "
              "example by its group");
  error.retryable = true;
  error.cause = std::make_shared<const Error>(std::move(reason));
  return error;
}

Error too_late(const Host& host, const std::string& target, Milliseconds limit) {
  Error error(
      "SH1432", Kind::timeout,
      fmt::format("the container engine at {} did not answer within {} ({})", host.name, to_text(limit), target),
      "look whether it hangs or its disk is full");
  error.retryable = true;
  return error;
}

Error no_engine(const Host& host, const std::string& why) {
  return {"SH1433", Kind::adapter, fmt::format("what answers at {} is no container engine: {}", host.name, why),
          "correct `host` (or DOCKER_HOST)"};
}

/// A connection that ends in the middle is a daemon that is being restarted.
Error failure_of(const Host& host, const std::string& target, Milliseconds limit, Error reason) {
  if (reason.kind == Kind::timeout) return too_late(host, target, limit);
  if (reason.code == "SH1703") return no_engine(host, reason.message);
  return unreachable(host, std::move(reason));
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& query) {
  std::string text;
  for (const auto& [name, value] : query)
    text += fmt::format("{}{}={}", text.empty() ? '?' : '&', escaped(name), escaped(value));
  return text;
}

bool is_version(std::string_view text) {
  return !text.empty() && text.size() < 10 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string complaint_in(const Answer& answer) {
  if (answer.json.is_object() && answer.json.contains("message") && answer.json["message"].is_string())
    return answer.json["message"];
  const auto text = answer.text.substr(0, 300);
  return text.empty() ? fmt::format("it answered {}", answer.status) : text;
}

Answer answer_of(http::Response response) {
  Answer answer;
  answer.status = response.status;
  answer.text = std::move(response.body);
  if (auto json = parse_json(answer.text)) answer.json = std::move(*json);
  if (!answer.good()) answer.complaint = complaint_in(answer);
  return answer;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
                       letter == '~';
    if (plain)
      result += letter;
    else
      result += fmt::format("%{:02X}", static_cast<unsigned char>(letter));
  }
  return result;
}

std::string remedy_for(const std::string& says, std::string otherwise) {
  if (says.find("no space left") == std::string::npos) return otherwise;
  return "make room on the engine's disk (`shunt cleanup` removes images that no release needs)";
}

Error refusal(const std::string& code, const std::string& what, const Answer& answer, std::string remedy) {
  Error error(code, Kind::adapter, fmt::format("{}: {}", what, answer.complaint),
              remedy_for(answer.complaint, std::move(remedy)));
  error.evidence = {{"status", answer.status}};
  return error;
}

Task<Result<http::Response>> Daemon::exchange(Ask ask, std::string target) {
  http::Request request(host_.url + target);
  request.method = std::move(ask.method);
  request.unix_socket = host_.unix_socket;
  request.tls = host_.tls;
  request.headers = std::move(ask.headers);
  request.timeout = ask.timeout;
  request.silence = ask.silence;
  request.max_bytes = std::size_t{16} * 1024 * 1024;
  request.on_data = std::move(ask.on_data);
  request.body_file = std::move(ask.body_file);
  if (!ask.body.is_null()) {
    request.body = to_text(ask.body);
    request.headers.emplace_back("Content-Type", "application/json");
  }
  if (!request.body_file.empty()) request.headers.emplace_back("Content-Type", "application/x-tar");
  const auto limit = ask.timeout;
  auto response = co_await client_.send(std::move(request));
  if (!response) {
    auto error = failure_of(host_, target, limit, std::move(response).error());
    co_return error;
  }
  co_return std::move(response);
}

/// Every version up to the engine's own is the same in what is asked here, and newer engines refuse the oldest ones.
Task<Result<void>> Daemon::agree() {
  if (!version_.empty()) co_return Result<void>();
  Ask ping("GET", "/_ping");
  auto response = co_await exchange(std::move(ping), "/_ping");
  if (!response) co_return std::move(response).error();
  const auto& version = response->header("api-version");
  if (response->status != 200 || !is_version(version)) {
    auto error = response->status >= 500 ? unreachable(host_, Error("SH1433", Kind::adapter, "it is not ready", ""))
                                         : no_engine(host_, "it does not say which API it speaks");
    co_return error;
  }
  version_ = "/v" + version;
  is_podman_ = !response->header("libpod-api-version").empty();
  co_return Result<void>();
}

Task<Result<Answer>> Daemon::ask(Ask ask) {
  auto agreed = co_await agree();
  if (!agreed) co_return std::move(agreed).error();
  std::string target = version_ + ask.path + query_of(ask.query);
  auto response = co_await exchange(std::move(ask), std::move(target));
  if (!response) co_return std::move(response).error();
  auto answer = answer_of(std::move(*response));
  co_return answer;
}

}  // namespace shunt::adapters::docker
