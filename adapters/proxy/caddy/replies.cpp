#include "adapters/proxy/caddy/replies.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>

namespace shunt::caddy {

namespace {

constexpr std::size_t longest_reason = 300;
constexpr std::size_t longest_evidence = 4'000;
constexpr std::size_t most_arguments = 1'000;
constexpr int most_requests = 1'000'000'000;
constexpr double latest_start = 1e11;  // seconds since 1970
constexpr std::string_view start_metric = "process_start_time_seconds ";

/// The rest of the line that begins with `start`; "" when there is none.
std::string_view line_after(std::string_view text, std::string_view start) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    const auto line = text.substr(at, end - at);
    if (line.starts_with(start)) return line.substr(start.size());
    at = end + 1;
  }
  return {};
}

}  // namespace

Error unexpected(const std::string& what, std::string_view text) {
  Error error("SH1503", Kind::adapter, fmt::format("Caddy's answer about {} is not what Caddy says", what),
              "check that `admin` leads to Caddy's admin API (2.6 or later)");
  error.evidence = {{"text", std::string(text.substr(0, longest_evidence))}};
  return error;
}

Result<Value> parse_document(std::string_view body) {
  auto value = Value::parse(body, nullptr, false);
  if (value.is_discarded()) return unexpected("its configuration", body);
  return value;
}

Result<std::map<std::string, int>> parse_requests(std::string_view body) {
  const auto list = Value::parse(body, nullptr, false);
  if (list.is_discarded() || !(list.is_array() || list.is_null())) return unexpected("its upstreams", body);
  std::map<std::string, int> requests;
  for (const auto& one : list) {
    if (!one.is_object() || !one.contains("address") || !one["address"].is_string() || !one.contains("num_requests") ||
        !one["num_requests"].is_number_integer())
      return unexpected("its upstreams", body);
    const auto number = one["num_requests"].get<std::int64_t>();
    requests[one["address"].get<std::string>()] = static_cast<int>(std::clamp<std::int64_t>(number, 0, most_requests));
  }
  return requests;
}

std::int64_t parse_started(std::string_view metrics) {
  const auto text = line_after(metrics, start_metric);
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || !(seconds > 0) || seconds > latest_start) return 0;
  return std::llround(seconds * 1000);
}

std::vector<std::string> parse_arguments(std::string_view body) {
  std::vector<std::string> arguments;
  while (!body.empty() && arguments.size() < most_arguments) {
    const auto end = std::min(body.find('\0'), body.size());
    arguments.emplace_back(body.substr(0, end));
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return arguments;
}

std::string reason_in(std::string_view body) {
  const auto value = Value::parse(body, nullptr, false);
  std::string reason(body);
  if (value.is_object() && value.contains("error") && value["error"].is_string()) reason = value["error"];
  std::erase_if(reason, [](unsigned char letter) { return letter < ' ' || letter == 127; });
  reason.resize(std::min(reason.size(), longest_reason));
  return reason;
}

}  // namespace shunt::caddy
