#include "adapters/metrics/prometheus/answers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "shunt/json.hpp"

namespace shunt::prometheus {

namespace {

constexpr std::size_t longest_evidence = 2'000;
constexpr std::size_t most_series_shown = 5;
constexpr double latest_time = 1e11;  ///< seconds; in milliseconds still an exact integer

Error not_understood(const std::string& reason, std::string_view body) {
  return Error("SH1605", Kind::adapter, "Prometheus' answer cannot be understood: " + reason,
               "check that `url` is a Prometheus (it is asked at /api/v1/query)")
      .with({{"text", std::string(body.substr(0, longest_evidence))}});
}

std::string text_in(const Value& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

/// The error that an answer of status "error" stands for; its evidence has the error's type instead of the text.
Error refusal(const Value& answer, std::string_view body) {
  const auto type = text_in(answer, "errorType");
  const auto words = text_in(answer, "error").substr(0, longest_evidence);
  const Value facts = {{"error_type", type}, {"error", words}};
  if (type == "timeout") {
    Error error("SH1602", Kind::timeout, "Prometheus gave up on the query: " + words,
                "make the query cheaper, or raise `timeout`");
    error.retryable = true;
    return std::move(error).with(facts);
  }
  if (type == "bad_data" || type == "execution")
    return Error("SH1603", Kind::config, "Prometheus refused the query: " + words, "correct the query").with(facts);
  if (type.empty()) return not_understood("an error without a type", body);
  Error error("SH1605", Kind::adapter, fmt::format("Prometheus failed ({}): {}", type, words),
              "look into the log of Prometheus");
  error.retryable = true;
  return std::move(error).with(facts);
}

std::optional<double> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc()) return number;
  // Too large or too small for a double: from_chars does not say which.
  return text.find("e-") != std::string_view::npos ? 0.0 : HUGE_VAL;
}

/// [seconds, "number"]
std::optional<Sample> sample_in(const Value& pair) {
  if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_string()) return std::nullopt;
  const double seconds = pair[0].get<double>();
  const auto value = number_in(pair[1].get_ref<const std::string&>());
  if (!value || !(std::abs(seconds) < latest_time)) return std::nullopt;
  return Sample(*value, std::llround(seconds * 1000));
}

Error several_series(const Value& result) {
  Value shown = Value::array();
  for (std::size_t i = 0; i < std::min(result.size(), most_series_shown); ++i)
    shown.push_back(result[i].is_object() ? result[i].value("metric", Value()) : Value());
  const auto first = shown.size() > 1 ? fmt::format(" ({}, {} ...)", to_text(shown[0]), to_text(shown[1])) : "";
  return Error("SH1604", Kind::config,
               fmt::format("the query gives {} series{}, where one number is wanted", result.size(), first),
               "aggregate it, for example with sum(...), or select one color with {color=\"{color}\"}")
      .with({{"series", shown}, {"count", result.size()}});
}

/// Samples of the one series of a vector or matrix, or nothing when it is malformed.
std::optional<std::vector<Sample>> samples_of_series(const Value& series) {
  if (!series.is_object()) return std::nullopt;
  std::vector<Sample> samples;
  const auto values = series.find("values");
  if (values == series.end()) {
    const auto sample = sample_in(series.value("value", Value()));
    if (!sample) return std::nullopt;
    samples.push_back(*sample);
    return samples;
  }
  if (!values->is_array()) return std::nullopt;
  for (const auto& pair : *values) {
    const auto sample = sample_in(pair);
    if (!sample) return std::nullopt;
    samples.push_back(*sample);
  }
  return samples;
}

Result<std::vector<Sample>> samples_in(const std::string& type, const Value& result, std::string_view body) {
  std::vector<Sample> samples;
  if (type == "string") {
    auto error = not_understood("the query gives a string, where a number is wanted", body);
    error.remedy = "correct the query";
    return error;
  }
  if (type == "scalar") {
    const auto sample = sample_in(result);
    if (!sample) return not_understood("a malformed scalar", body);
    samples.push_back(*sample);
    return samples;
  }
  if ((type != "vector" && type != "matrix") || !result.is_array())
    return not_understood(fmt::format("a result of type '{}'", type), body);
  if (result.empty()) return samples;
  if (result.size() > 1) return several_series(result);
  auto found = samples_of_series(result[0]);
  if (!found) return not_understood(fmt::format("a malformed {}, or a native histogram", type), body);
  return std::move(*found);
}

std::vector<std::string> warnings_in(const Value& answer) {
  std::vector<std::string> warnings;
  const auto found = answer.find("warnings");
  if (found == answer.end() || !found->is_array()) return warnings;
  for (const auto& warning : *found)
    if (warning.is_string()) warnings.push_back(warning.get<std::string>());
  return warnings;
}

}  // namespace

Result<Answer> parse_answer(std::string_view body) {
  const auto parsed_body = parse_json(body);
  if (!parsed_body || !parsed_body->is_object()) return not_understood("it is not the JSON of a query", body);
  const auto& answer = *parsed_body;
  const auto status = text_in(answer, "status");
  if (status == "error") return refusal(answer, body);
  const auto data = answer.find("data");
  if (status != "success" || data == answer.end() || !data->is_object() || !data->contains("result"))
    return not_understood("it is not the JSON of a query", body);
  auto samples = samples_in(text_in(*data, "resultType"), data->at("result"), body);
  if (!samples) return std::move(samples).error();
  Answer parsed;
  parsed.samples = std::move(*samples);
  parsed.warnings = warnings_in(answer);
  return parsed;
}

Reading reading_of(Answer answer) {
  Reading reading;
  reading.samples = std::move(answer.samples);
  reading.warnings = std::move(answer.warnings);
  reading.state = "empty";
  if (reading.samples.empty()) return reading;
  const auto& newest = reading.samples.back();
  reading.time = newest.time;
  reading.state = std::isfinite(newest.value) ? "ok" : "nan";
  if (reading.state == "ok") reading.value = newest.value;
  return reading;
}

}  // namespace shunt::prometheus
