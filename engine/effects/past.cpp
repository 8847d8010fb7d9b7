#include "effects/past.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "effects/verbs.hpp"

namespace shunt::effects {

namespace {

constexpr std::size_t longest_shown = 200;

bool has_arguments(const std::string& kind) {
  return kind != "result" && kind != "decision" && kind != "operator";
}

bool same(const Value& a, const Value& b) {
  return a == b || encode(a) == encode(b);
}

std::string cut(std::string text) {
  if (text.size() > longest_shown) text = text.substr(0, longest_shown) + "...";
  return text;
}

std::string shown(const std::string& kind, const std::string& verb, const Value& args, const std::string& place) {
  auto text = fmt::format("{} {}", kind, verb);
  if (args.is_object() && !args.empty()) text += " " + cut(to_text(args));
  if (!place.empty()) text += " at " + place;
  return text;
}

std::string place_in(const store::Entry& entry) {
  return entry.body.is_object() ? entry.body.value("where", "") : "";
}

std::string place_of(const Call& call) {
  return call.where.file.empty() ? "" : fmt::format("{}:{}", call.where.file, call.where.line);
}

Error differs(const store::Entry& then, const std::string& kind, const Position& at, const Call& call) {
  const auto before = shown(then.kind, then.verb, then.args, place_in(then));
  const auto now = shown(kind, call.verb, call.args, place_of(call));
  Error error(
      "SH1941", Kind::script,
      fmt::format("the replay does not do what the journal says: entry {} is {}, now it is {}", then.seq, before, now),
      "nothing was touched; use the version of shunt that began it, or `shunt abort` it and `shunt resume`: "
      "going back needs no script");
  error.where = call.where;
  error.evidence = {{"seq", then.seq},
                    {"journal", {{"branch", then.branch}, {"index", then.index}, {"does", before}}},
                    {"replay", {{"branch", at.branch}, {"index", at.index}, {"does", now}}}};
  error.control = true;
  return error;
}

}  // namespace

Result<std::int64_t> Past::match(const std::string& kind, const Position& at, const Call& call) {
  const auto& then = next();
  const bool here = then.kind == kind && then.branch == at.branch && then.index == at.index && then.verb == call.verb;
  if (!here || (has_arguments(kind) && !same(then.args, call.args))) return differs(then, kind, at, call);
  pass();
  return then.seq;
}

Outcome outcome_in(const store::Entry& entry) {
  if (entry.body.is_object() && entry.body.contains("error")) return error_from(entry.body["error"]);
  return Outcome(entry.body.is_object() ? entry.body.value("value", Value()) : Value());
}

std::vector<store::Entry> in_doubt(const std::vector<store::Entry>& entries) {
  std::vector<store::Entry> open;
  for (const auto& entry : entries) {
    const auto* verb = find_verb(entry.verb);
    if (verb == nullptr || verb->sort != Sort::primitive) continue;
    if (entry.kind == "intent") open.push_back(entry);
    if (entry.kind != "result" && entry.kind != "progress") continue;
    std::erase_if(open,
                  [&](const store::Entry& one) { return one.branch == entry.branch && one.index == entry.index; });
  }
  return open;
}

}  // namespace shunt::effects
