#include "effects/journal.hpp"

#include <fmt/format.h>
#include <array>
#include <map>

#include "config/planted.hpp"

namespace shunt::effects {

namespace {

constexpr std::array<std::string_view, 5> tier_names = {"target", "traffic", "capacity", "data", "clean-up"};

constexpr std::int64_t keep_every_ms = 200;

Value place_of(const Call& call) {
  Value place;
  if (!call.where.file.empty()) place["where"] = fmt::format("{}:{}", call.where.file, call.where.line);
  return place;
}

// With the author's line, for the day when a replay differs.
Value body_of(const Outcome& outcome, const Call& call) {
  Value body = place_of(call);
  if (outcome.error)
    body["error"] = to_value(*outcome.error);
  else
    body["value"] = outcome.value;
  return body;
}

}  // namespace

std::string_view name_of(Tier tier) {
  return tier_names.at(static_cast<std::size_t>(tier));
}

Tier tier_named(std::string_view name) {
  for (std::size_t i = 0; i < tier_names.size(); ++i)
    if (tier_names.at(i) == name) return static_cast<Tier>(i);
  return Tier::clean_up;
}

Journal::Journal(store::Store* store, std::string run, Reporter& reporter, std::function<std::int64_t()> now)
    : store_(store), run_(std::move(run)), reporter_(reporter), now_(std::move(now)) {}

std::int64_t Journal::record(std::string kind, const Position& at, const Call& call, Value body) {
  ++last_seq_;
  if (halted_) return last_seq_;
  if (replays()) {
    auto matched = past_.match(kind, at, call);
    if (!matched) halted_ = matched.error();
    return matched ? last_seq_ = *matched : last_seq_;
  }
  if (store_ == nullptr) return last_seq_;
  store::Entry entry;
  entry.run = run_;
  entry.branch = at.branch;
  entry.index = at.index;
  entry.kind = std::move(kind);
  entry.verb = call.verb;
  entry.args = call.args;
  entry.body = std::move(body);
  entry.time = now_();
  auto seq = store_->append(std::move(entry));
  if (!seq && !halted_) halted_ = seq.error();
  if (seq) last_seq_ = *seq;
  return last_seq_;
}

void Journal::replay(std::vector<store::Entry> past, std::set<std::string> told) {
  past_ = Past(std::move(past));
  told_ = std::move(told);
}

bool Journal::check(Result<void> written) {
  if (!written && !halted_) halted_ = written.error();
  return bool(written);
}

Result<std::int64_t> Journal::intent(const Position& at, const Call& call) {
  ++effects_;
  const auto seq = record("intent", at, call, place_of(call));
  if (is_planted("intent not synced")) return seq;
  if (auto durable = commit(); !durable) return durable.error();
  return seq;
}

void Journal::composite(const Position& at, const Call& call) {
  record("intent", at, call, place_of(call));
}

void Journal::result(const Position& at, const Call& call, const Outcome& outcome) {
  record("result", at, Call(call.verb, nullptr), body_of(outcome, call));
  must_commit_ = true;
}

void Journal::progress(const Position& at, const Call& call, const Outcome& outcome) {
  record(call.verb == "clock.sleep" ? "timer" : "progress", at, call, body_of(outcome, call));
}

void Journal::decision(const std::string& what, const Value& why) {
  record("decision", Position(), Call(what, nullptr), why);
  must_commit_ = true;
}

void Journal::message(const Position& at, const Call& call) {
  record("progress", at, call, body_of(Outcome(), call));
  must_commit_ = true;
}

void Journal::operator_said(const store::Message& message) {
  record("operator", Position(), Call(message.verb, {{"question", message.question}}),
         {{"by", message.by}, {"reason", message.reason}, {"message", message.id}});
  if (writes()) check(store_->take(message));
  must_commit_ = true;
}

void Journal::hook(const Position& at, const Undo& undo) {
  if (is_planted("hook not journaled")) return hooks_.push_back(undo);
  record("hook", at, undo.call, {{"tier", name_of(undo.tier)}});
  hooks_.push_back(undo);
}

void Journal::promise(const Position& at, const Undo& undo) {
  hook(at, undo);
  must_commit_ = true;
}

Result<void> Journal::commit() {
  if (!halted_ && store_ != nullptr) check(store_->commit());
  if (halted_) return *halted_;
  must_commit_ = false;
  tell();
  return {};
}

void Journal::save(const store::Run& run) {
  if (writes()) check(store_->save(run));
  must_commit_ = true;
}

void Journal::save(const store::Release& release) {
  if (writes()) check(store_->save(release));
  must_commit_ = true;
}

void Journal::save(const store::AppState& state) {
  if (writes()) check(store_->save(state));
  must_commit_ = true;
}

bool Journal::is_heard() const {
  return bool(outbox_) || reporter_.listens();
}

void Journal::announce(Event event) {
  if (!is_heard()) return;
  event.time = now_();
  event.deployment = run_;
  if (replays()) {
    if (outbox_) static_cast<void>(outbox_(event));  // it counts them
    return;
  }
  if (outbox_ && writes()) {
    for (const auto& notice : outbox_(event)) {
      if (told_.count(notice.id) != 0) continue;
      check(store_->save(notice));
      must_commit_ = true;
    }
  }
  held_back_.push_back(std::move(event));
  if (is_planted("told before it is durable")) tell();
}

bool Journal::writes() const {
  return store_ != nullptr && !halted_ && !replays();
}

void Journal::tell() {
  const auto events = std::move(held_back_);
  held_back_.clear();
  for (const auto& event : events) reporter_.report(event);
}

void Journal::before_waiting() {
  if (halted_) return;
  if (must_commit_) {
    if (auto durable = commit(); !durable) return;
  }
  keep_what_was_seen();
  tell();
}

// What was seen forces no fsync, but it outlives this process: a watch is not begun again from its start.
void Journal::keep_what_was_seen() {
  if (store_ == nullptr || !store_->collected() || now_() < last_kept_ + keep_every_ms) return;
  last_kept_ = now_();
  check(store_->flush());
}

Value listed(const std::vector<Undo>& hooks) {
  Value list = Value::array();
  for (const auto& hook : hooks)
    list.push_back(
        {{"tier", name_of(hook.tier)}, {"verb", hook.call.verb}, {"args", hook.call.args}, {"state", "not tried"}});
  return list;
}

std::vector<Undo> hooks_in(const std::vector<store::Entry>& entries) {
  std::vector<Undo> hooks;
  for (const auto& entry : entries)
    if (entry.kind == "hook")
      hooks.emplace_back(tier_named(entry.body.value("tier", "clean-up")), Call(entry.verb, entry.args));
  return hooks;
}

std::vector<Undo> open_hooks(const std::vector<store::Entry>& entries) {
  std::map<Position, std::string> names;
  std::set<std::string> done;
  for (const auto& entry : entries) {
    if (entry.verb != "script.undo") continue;
    const Position at(entry.branch, entry.index);
    if (entry.kind == "intent") names[at] = entry.args.value("name", "");
    if ((entry.kind == "result" || entry.kind == "progress") && !entry.body.contains("error")) done.insert(names[at]);
  }
  auto hooks = hooks_in(entries);
  std::erase_if(hooks, [&](const Undo& one) {
    return one.call.verb == "script.undo" && done.count(one.call.args.value("name", "")) != 0;
  });
  for (const auto& entry : entries)
    if (entry.kind == "resolved" && entry.body.contains("hooks"))
      for (const auto& closed : entry.body["hooks"])
        std::erase_if(
            hooks, [&](const Undo& one) { return one.call.verb == closed["verb"] && one.call.args == closed["args"]; });
  return hooks;
}

}  // namespace shunt::effects
