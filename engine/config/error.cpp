#include "shunt/error.hpp"

#include <fmt/format.h>
#include <array>

namespace shunt {

namespace {

constexpr std::array<std::string_view, 7> kind_names = {"timeout",   "unhealthy", "gate",  "adapter",
                                                        "cancelled", "config",    "script"};

std::string place_of(const Error& error) {
  if (error.where.file.empty()) return "";
  if (error.where.line <= 0) return error.where.file + ": ";
  return fmt::format("{}:{}: ", error.where.file, error.where.line);
}

}  // namespace

std::string_view name_of(Kind kind) {
  return kind_names.at(static_cast<std::size_t>(kind));
}

Kind kind_named(std::string_view name) {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names.at(i) == name) return static_cast<Kind>(i);
  return Kind::script;
}

Error&& Error::at(Where place) && {
  where = std::move(place);
  return std::move(*this);
}

Error&& Error::with(Value facts) && {
  evidence = std::move(facts);
  return std::move(*this);
}

Error&& Error::because(Error reason) && {
  cause = std::make_shared<const Error>(std::move(reason));
  return std::move(*this);
}

std::string to_line(const Error& error) {
  return fmt::format("{}{} ({})", place_of(error), error.message, error.code);
}

std::string to_paragraph(const Error& error) {
  std::string text = fmt::format("{}{}\n", place_of(error), error.message);
  for (auto cause = error.cause; cause; cause = cause->cause)
    text += fmt::format("  because: {}{} ({})\n", place_of(*cause), cause->message, cause->code);
  if (!error.remedy.empty()) text += fmt::format("  what to do: {}\n", error.remedy);
  text += fmt::format("  code: {} (shunt explain {})\n", error.code, error.code);
  return text;
}

Value to_value(const Error& error) {
  Value value = {{"code", error.code}, {"kind", name_of(error.kind)}, {"message", error.message}};
  if (!error.remedy.empty()) value["remedy"] = error.remedy;
  if (!error.where.file.empty()) value["where"] = {{"file", error.where.file}, {"line", error.where.line}};
  if (!error.traceback.empty()) value["traceback"] = error.traceback;
  if (!error.step.empty()) value["step"] = error.step;
  if (error.retryable) value["retryable"] = true;
  if (error.control) value["control"] = true;
  if (!error.evidence.is_null()) value["evidence"] = error.evidence;
  if (error.cause) value["cause"] = to_value(*error.cause);
  return value;
}

Error error_from(const Value& value) {
  Error error(value.value("code", "SH1201"), kind_named(value.value("kind", "script")), value.value("message", ""),
              value.value("remedy", ""));
  if (const auto where = value.find("where"); where != value.end() && where->is_object()) {
    error.where.file = where->value("file", "");
    error.where.line = where->value("line", 0);
  }
  error.traceback = value.value("traceback", "");
  error.step = value.value("step", "");
  error.retryable = value.value("retryable", false);
  error.control = value.value("control", false);
  if (const auto evidence = value.find("evidence"); evidence != value.end()) error.evidence = *evidence;
  if (const auto cause = value.find("cause"); cause != value.end() && cause->is_object())
    error.cause = std::make_shared<const Error>(error_from(*cause));
  return error;
}

}  // namespace shunt
