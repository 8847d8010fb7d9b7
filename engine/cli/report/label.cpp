#include "cli/report/label.hpp"

#include <fmt/format.h>
#include <functional>
#include <map>

#include "cli/report/text.hpp"
#include "shunt/duration.hpp"

namespace shunt::cli {

namespace {

std::string duration_at(const Value& args, const char* key) {
  return to_text(Milliseconds(number_at(args, key)));
}

std::string with(const std::string& words, const std::string& more) {
  return words.empty() || more.empty() ? words + more : words + " " + more;
}

std::string shift_label(const Value& args) {
  if (args.contains("blue") || args.contains("green"))
    return fmt::format("shift to blue {}, green {}", number_at(args, "blue"), number_at(args, "green"));
  return fmt::format("shift to {} %", text_at(args, "percent"));
}

std::string command_of(const Value& args) {
  std::string words;
  for (const auto& word : member(args, "argv")) words += (words.empty() ? "" : " ") + measured(word);
  return cut(words, 60);
}

std::string place_of(const Value& args) {
  return with(text_at(args, "service"), text_at(args, "color"));
}

using Words = std::function<std::string(const Value&)>;

const std::map<std::string, Words, std::less<>>& vocabulary() {
  static const std::map<std::string, Words, std::less<>> words = {
      {"phase", [](const Value& args) { return text_at(args, "name"); }},
      {"run_checks", [](const Value&) { return "run checks"; }},
      {"launch", [](const Value& args) { return with("launch", text_at(args, "service")); }},
      {"await_healthy", [](const Value& args) { return with("await healthy", text_at(args, "color")); }},
      {"smoke_test", [](const Value& args) { return with("smoke test", text_at(args, "color")); }},
      {"shift", [](const Value& args) { return with(shift_label(args), text_at(args, "service")); }},
      {"soak",
       [](const Value& args) { return with("soak " + duration_at(args, "duration_ms"), text_at(args, "service")); }},
      {"check_gates", [](const Value&) { return "check gates"; }},
      {"drain", [](const Value& args) { return with("drain", place_of(args)); }},
      {"retire", [](const Value& args) { return with("retire", place_of(args)); }},
      {"retire_old",
       [](const Value& args) {
         return number_at(args, "hold_ms") > 0 ? "hold the old colour for " + duration_at(args, "hold_ms")
                                               : "retire the old colour";
       }},
      {"stop_old", [](const Value&) { return "stop the old colour"; }},
      {"revive", [](const Value& args) { return with("bring back", text_at(args, "color")); }},
      {"restore", [](const Value&) { return "restore the shares"; }},
      {"look_again", [](const Value&) { return "look whether the world is as it was"; }},
      {"rollback", [](const Value&) { return "roll back"; }},
      {"confirm", [](const Value& args) { return "confirm: " + text_at(args, "question"); }},
      {"approval.wait", [](const Value& args) { return "wait for an answer: " + text_at(args, "question"); }},
      {"script.undo", [](const Value& args) { return "undo " + text_at(args, "name"); }},
      {"on_rollback", [](const Value& args) { return "register undo " + text_at(args, "name"); }},
      {"proxy.set",
       [](const Value& args) {
         return fmt::format("weights of {}: blue {}, green {}", text_at(args, "service"), number_at(args, "blue"),
                            number_at(args, "green"));
       }},
      {"instances.prepare", [](const Value& args) { return with("get what it starts from:", place_of(args)); }},
      {"instances.prune",
       [](const Value& args) { return with("clear up after earlier releases of", text_at(args, "service")); }},
      {"instances.start",
       [](const Value& args) { return fmt::format("start {} {}", place_of(args), number_at(args, "index") + 1); }},
      {"instances.adopt",
       [](const Value& args) { return fmt::format("adopt {} {}", place_of(args), number_at(args, "index") + 1); }},
      {"instances.disown",
       [](const Value& args) { return fmt::format("give back {} {}", place_of(args), number_at(args, "index") + 1); }},
      {"swap_singletons", [](const Value& args) { return with("swap singletons to", text_at(args, "color")); }},
      {"go_back_gradually", [](const Value& args) { return "go back over " + duration_at(args, "over_ms"); }},
      {"instances.logs", [](const Value& args) { return with("read the output of", place_of(args)); }},
      {"instances.stop", [](const Value& args) { return "stop " + text_at(args, "id"); }},
      {"image.build", [](const Value& args) { return "build " + text_at(args, "image"); }},
      {"image.tag",
       [](const Value& args) { return fmt::format("name {} {}", text_at(args, "image"), text_at(args, "as")); }},
      {"image.push", [](const Value& args) { return "push " + text_at(args, "image"); }},
      {"exec.run", [](const Value& args) { return "run " + command_of(args); }},
      {"probe.command", [](const Value& args) { return "run " + command_of(args); }},
      {"http.request", [](const Value& args) { return with(text_at(args, "method"), text_at(args, "url")); }},
      {"probe.http", [](const Value& args) { return with("look at", text_at(args, "url")); }},
      {"probe.tcp", [](const Value& args) { return with("connect to", text_at(args, "address")); }},
      {"clock.sleep", [](const Value& args) { return "sleep " + duration_at(args, "duration_ms"); }},
  };
  return words;
}

}  // namespace

std::string label_of(const std::string& verb, const Value& args) {
  const auto known = vocabulary().find(verb);
  if (known != vocabulary().end()) return printable(known->second(args));
  return printable(args.is_object() && !args.empty() ? verb + " " + cut(to_text(args), 60) : verb);
}

std::string limit_text(const Value& limit) {
  std::string text;
  if (limit.is_object() && limit.contains("min")) text = "min " + measured(limit["min"]);
  if (limit.is_object() && limit.contains("max")) text += (text.empty() ? "max " : ", max ") + measured(limit["max"]);
  return text;
}

std::string gate_text(const Value& gate) {
  const auto limit = limit_text(member(gate, "limit"));
  const auto value = gate.is_object() && gate.contains("value") ? gate["value"] : Value();
  return fmt::format("{} {}{}", text_at(gate, "name"), measured(value), limit.empty() ? "" : " (" + limit + ")");
}

}  // namespace shunt::cli
