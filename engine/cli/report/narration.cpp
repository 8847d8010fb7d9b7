#include "cli/report/narration.hpp"

#include <fmt/format.h>

#include "cli/report/label.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

namespace {

std::string error_line(const Value& error) {
  return fmt::format("{} ({})", text_at(error, "message"), text_at(error, "code"));
}

std::string step(const Value& fields) {
  const auto label = label_of(text_at(fields, "step"), member(fields, "args"));
  const auto state = text_at(fields, "state");
  if (state == "begin") return label + " ...";
  if (state == "progress") return fmt::format("{}: {}", label, text_at(fields, "text"));
  const auto took = elapsed_text(number_at(fields, "elapsed_ms"));
  if (state == "failed")
    return fmt::format("{}: failed after {}: {}", label, took, error_line(member(fields, "error")));
  return fmt::format("{}: done in {}", label, took);
}

std::string gate(const Value& fields) {
  return fmt::format("gate {}: {}", gate_text(fields), text_at(fields, "verdict"));
}

std::string traffic(const Value& fields) {
  return fmt::format("traffic {}: blue {} %, green {} %", text_at(fields, "service"), number_at(fields, "blue"),
                     number_at(fields, "green"));
}

std::string waiting(const Value& fields) {
  return fmt::format("waiting until {}: {} (answer with `shunt approve` or `shunt reject`)", text_at(fields, "until"),
                     text_at(fields, "question"));
}

std::string warning(const Value& fields) {
  const auto code = text_at(fields, "code");
  return "warning: " + text_at(fields, "message") + (code.empty() ? "" : " (" + code + ")");
}

std::string log(const Value& fields) {
  std::string line = fmt::format("log {}: {}", text_at(fields, "level"), text_at(fields, "text"));
  for (const auto& [name, value] : member(fields, "fields").items())
    line += fmt::format(" {}={}", printable(name), measured(value));
  return line;
}

}  // namespace

std::string state_text(const std::string& state) {
  if (state == "rolled_back") return "rolled back";
  if (state == "rolling_back") return "rolling back";
  if (state == "needs_operator") return "needs an operator";
  return state;
}

std::string narrate_start(const Value& fields) {
  const auto verb = text_at(fields, "verb");
  const auto strategy = text_at(fields, "strategy");
  const auto previous = text_at(fields, "previous_version");
  std::string line = fmt::format("{} {} of {}", verb, text_at(fields, "version"), text_at(fields, "app"));
  if (strategy.rfind(verb, 0) != 0) line += " with " + strategy;
  line += " on " + text_at(fields, "color");
  if (fields.is_object() && fields.value("first", false)) return line + ", the first one";
  return previous.empty() ? line : line + ", " + previous + " is live";
}

std::string narrate_end(const Value& fields) {
  const auto serves = text_at(fields, "serves");
  return fmt::format("{} after {}{}", state_text(text_at(fields, "state")),
                     elapsed_text(number_at(fields, "elapsed_ms")), serves.empty() ? "" : ": " + serves);
}

std::string narrate(const Event& event) {
  const auto& fields = event.fields;
  if (event.name == "started") return "started: " + narrate_start(fields);
  if (event.name == "phase") return fmt::format("phase {}: {}", text_at(fields, "name"), text_at(fields, "state"));
  if (event.name == "step") return step(fields);
  if (event.name == "gate") return gate(fields);
  if (event.name == "traffic") return traffic(fields);
  if (event.name == "waiting") return waiting(fields);
  if (event.name == "warning") return warning(fields);
  if (event.name == "rolling_back") return "rolling back: " + text_at(fields, "reason");
  if (event.name == "log") return log(fields);
  if (event.name == "message") return "message: " + text_at(fields, "text");
  if (event.name == "on_rollback") return label_of(event.name, fields);
  if (event.name == "ended") return fmt::format("ended: {} (exit {})", narrate_end(fields), number_at(fields, "exit"));
  return printable(event.name + " " + to_text(fields));
}

}  // namespace shunt::cli
