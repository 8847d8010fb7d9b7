#include "adapters/metrics/prometheus/prometheus_metrics.hpp"

#include <fmt/format.h>
#include <cmath>
#include <utility>

#include "adapters/metrics/prometheus/answers.hpp"
#include "adapters/metrics/prometheus/selectors.hpp"
#include "loop/deadline.hpp"

namespace shunt::adapters {

namespace {

using namespace prometheus;

constexpr std::size_t longest_evidence = 2'000;

Schema schema_of_prometheus() {
  Key url;
  url.name = "url";
  url.doc = "where Prometheus is, without /api: http://127.0.0.1:9090";
  url.required = true;
  Key timeout;
  timeout.name = "timeout";
  timeout.type = Type::duration;
  timeout.fallback = 10'000;
  timeout.doc = "for one query";
  Key headers;
  headers.name = "headers";
  headers.type = Type::map;
  headers.secret = true;
  headers.doc = "sent with every query, for example Authorization; values may be secrets";
  Key stale;
  stale.name = "stale";
  stale.type = Type::duration;
  stale.fallback = 60'000;
  stale.doc = "a number whose newest sample is older than this is no evidence";
  Schema schema;
  schema.keys = {url, timeout, headers, stale};
  return schema;
}

std::string form_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string without_user(const std::string& url) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) return url;
  const auto at = url.substr(0, url.find('/', scheme + 3)).rfind('@');
  return at == std::string::npos ? url : url.substr(0, scheme + 3) + url.substr(at + 1);
}

}  // namespace

Adapter<Metrics> prometheus_metrics() {
  Adapter<Metrics> adapter;
  adapter.info.kind = "metrics";
  adapter.info.name = "prometheus";
  adapter.info.status = "stable";
  adapter.info.summary = "answers gates by instant queries to a Prometheus";
  adapter.info.schema = schema_of_prometheus();
  adapter.info.operations = {{"query", EffectClass::observe}};
  adapter.make = [](Context& context, const Value& config) {
    return std::make_unique<PrometheusMetrics>(context, config);
  };
  return adapter;
}

PrometheusMetrics::PrometheusMetrics(Context& context, const Value& config)
    : context_(context),
      url_(config.at("url").get<std::string>()),
      headers_(config.value("headers", Value::object())),
      timeout_(config.at("timeout").get<std::int64_t>()),
      stale_(config.at("stale").get<std::int64_t>()) {
  while (url_.ends_with('/')) url_.pop_back();
  place_ = without_user(url_);
}

/// The HTTP client's failure, in this kind's words.
Error PrometheusMetrics::failed(const Error& reason) const {
  if (reason.code == "SH1702") {
    Error error("SH1602", Kind::timeout,
                fmt::format("Prometheus at {} did not answer within {}", place_, to_text(timeout_)),
                "look whether Prometheus is overloaded, make the query cheaper, or raise `timeout`");
    error.retryable = true;
    return error;
  }
  if (reason.code == "SH1703")
    return Error("SH1605", Kind::adapter, fmt::format("the answer of Prometheus at {} is too long", place_),
                 "aggregate the query, for example with sum(...)")
        .because(reason);
  Error error("SH1601", reason.kind, fmt::format("cannot reach Prometheus at {}: {}", place_, reason.message),
              "check `url`, and that Prometheus runs");
  error.retryable = reason.retryable;
  return std::move(error).because(reason);
}

/// What an answer means that is not Prometheus' own JSON, or asks to come later.
Error PrometheusMetrics::refused(const http::Response& response) const {
  const int status = response.status;
  Value facts = {{"status", status}, {"text", response.body.substr(0, longest_evidence)}};
  Error error("SH1605", Kind::adapter, fmt::format("Prometheus at {} answered HTTP {}", place_, status),
              "check `url` (redirects are not followed)");
  if (status == 429 || status == 503) {
    error = Error("SH1606", Kind::adapter, fmt::format("Prometheus at {} asks to slow down (HTTP {})", place_, status),
                  "query less often (`interval` of the gates)");
    error.retryable = true;
    facts["retry_after_ms"] = http::parse_retry_after(response.header("retry-after"), wall_clock_ms());
  } else if (status == 502 || status == 504) {
    error = Error("SH1601", Kind::adapter,
                  fmt::format("what stands before Prometheus at {} cannot reach it (HTTP {})", place_, status),
                  "check that Prometheus runs");
    error.retryable = true;
  } else if (status == 401 || status == 403) {
    error = Error("SH1603", Kind::config, fmt::format("Prometheus at {} refuses access (HTTP {})", place_, status),
                  "give the credentials in `headers`");
  }
  return std::move(error).with(std::move(facts));
}

Result<Reading> PrometheusMetrics::understand(const http::Response& response) const {
  auto answer = parse_answer(response.body);
  const int status = response.status;
  if (status == 200 && answer) return reading_of(std::move(*answer));
  if (status == 200) return std::move(answer).error();
  const bool is_query_error = !answer && !answer.error().evidence.contains("text");
  const bool gave_up = is_query_error && answer.error().code == "SH1602";  // it says so with status 503
  if (is_query_error && status != 429 && (status != 503 || gave_up)) return std::move(answer).error();
  return refused(response);
}

/// One instant query. What comes back is masked: a peer may echo a header.
Task<Result<Reading>> PrometheusMetrics::ask(std::string expression) {
  auto headers = co_await context_.secrets.reveal(headers_);
  if (!headers) co_return std::move(headers).error();
  http::Request request(url_ + "/api/v1/query");
  request.method = "POST";
  request.timeout = timeout_;
  request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  for (const auto& [name, value] : headers->items()) request.headers.emplace_back(name, value.get<std::string>());
  request.body = fmt::format("query={}&timeout={}ms", form_encoded(expression), timeout_.count());
  auto response = co_await context_.http.send(std::move(request));
  if (!response) co_return failed(response.error());
  auto reading = understand(*response);
  if (reading) co_return reading;
  auto error = std::move(reading).error();
  error.message = context_.secrets.mask(std::move(error.message));
  error.evidence = context_.secrets.mask_all(std::move(error.evidence));
  co_return error;
}

Task<Result<Reading>> PrometheusMetrics::ask_if(std::optional<std::string> expression) {
  Reading nothing;
  if (!expression) co_return nothing;
  auto reading = co_await ask(std::move(*expression));
  co_return reading;
}

/// `reading` with the time of the newest sample behind it, and as stale when that is long ago. What the answer itself
/// calls the time of a sample is the time at which it was computed.
Task<Reading> PrometheusMetrics::judge_age(Reading reading, std::string expression) {
  const auto selectors = selectors_of(expression);
  if (selectors.empty()) co_return reading;  // a constant has no age
  auto newest = co_await ask_if(newest_sample(selectors));
  if (newest && newest->state == "empty") newest = co_await ask_if(newest_sample_within(selectors, stale_));
  if (!newest || newest->state.empty() || newest->state == "nan") {
    const auto reason = newest ? "it reads too many series" : newest.error().message;
    reading.warnings.push_back("how old the samples are could not be learnt: " + reason);
    co_return reading;
  }
  const auto now = newest->time;
  reading.time = newest->state == "ok" ? std::llround(newest->value * 1000) : 0;
  if (newest->state == "ok" && now - reading.time <= stale_.count()) co_return reading;
  reading.state = "stale";
  reading.value = 0;
  co_return reading;
}

Task<Result<Reading>> PrometheusMetrics::read(std::string expression) {
  auto reading = co_await ask(expression);
  if (!reading || reading->state != "ok") co_return reading;
  auto judged = co_await judge_age(std::move(*reading), std::move(expression));
  co_return judged;
}

Task<Result<Reading>> PrometheusMetrics::query(std::string expression) {
  auto reading = co_await loop::with_deadline(read(std::move(expression)), timeout_);
  if (reading) co_return std::move(*reading);
  const Error late("SH1702", Kind::timeout, "too late");
  co_return failed(late);
}

}  // namespace shunt::adapters
