// A run goes on in a later life of its engine: what was journaled is replayed, then the world is asked again.
#include <fmt/format.h>
#include <algorithm>
#include <asio/co_spawn.hpp>

#include "config/planted.hpp"
#include "deploy/run.hpp"
#include "effects/verbs.hpp"

namespace shunt::deploy {

namespace {

constexpr int most_deaths = 3;  ///< at the same entry

bool is_outcome(const store::Entry& entry) {
  return entry.kind == "result" || entry.kind == "progress" || entry.kind == "timer";
}

bool is_of_a_life(const std::string& branch) {
  return branch.starts_with("resume.");
}

bool is_of_resume(const store::Entry& entry) {
  return is_of_a_life(entry.branch) || entry.kind == "operator" || entry.kind == "resolved" ||
         (entry.kind == "decision" && entry.verb == "resumed");
}

// The last entry that is not about coming back itself.
std::int64_t tail_of(const std::vector<store::Entry>& entries) {
  const auto last =
      std::find_if(entries.rbegin(), entries.rend(), [](const store::Entry& one) { return !is_of_resume(one); });
  return last == entries.rend() ? 0 : last->seq;
}

std::int64_t beginning_of(const store::Run& row, const std::vector<store::Entry>& entries) {
  return entries.empty() || is_outcome(entries.front()) ? row.started : entries.front().time;
}

std::string branch_of_life(int life) {
  return fmt::format("resume.{}", life);
}

Error unexpected(const store::Entry& entry) {
  Error error("SH1941", Kind::script,
              fmt::format("the replay does not do what the journal says: entry {} is {} {} in branch {}, and nobody "
                          "waits for it now",
                          entry.seq, entry.kind, entry.verb, entry.branch),
              "nothing was touched; use the version of shunt that began it, or `shunt abort` it and `shunt resume`: "
              "going back needs no script");
  error.evidence = {{"seq", entry.seq}, {"branch", entry.branch}, {"index", entry.index}};
  error.control = true;
  return error;
}

}  // namespace

// Hooks are data: none of it needs what the run was started with.
Ending Run::roll_back_from(const std::vector<store::Entry>& entries, const Error& why) {
  if (auto release = parts_.store.release(parts_.row.release); release && *release) release_ = **release;
  auto& journal = machinery_.journal;
  const auto tries = std::count_if(entries.begin(), entries.end(), [](const store::Entry& one) {
    return one.kind == "decision" && one.verb == "by hooks";
  });
  for (const auto& undo : effects::open_hooks(entries)) journal.adopt(undo);
  auto& facts = machinery_.guard.facts();
  for (const auto& undo : journal.hooks()) facts.revivable = facts.revivable || undo.tier == effects::Tier::target;
  facts.restorable = facts.retirable = true;
  journal.decision("by hooks", {{"boot_id", parts_.boot_id}});
  return drive(go_back(why, fmt::format("rollback.{}", tries + 1)));
}

Ending Run::resume(std::vector<store::Entry> entries, Body body) {
  if (auto release = parts_.store.release(parts_.row.release); release && *release) release_ = **release;
  std::set<std::string> told;
  if (const auto notices = parts_.store.notices_of(parts_.row.id))
    for (const auto& notice : *notices) told.insert(notice.id);
  const auto began = beginning_of(parts_.row, entries);
  machinery_.journal.replay(std::move(entries), std::move(told));
  machinery_.turns.replay([this] { return feed(); }, began);
  return drive(main(std::move(body)));
}

// Called when everything waits: the journal's next word, or the present.
bool Run::feed() {
  auto& journal = machinery_.journal;
  if (!journal.halted() && journal.replays()) {
    const auto entry = journal.past().next();
    if (relive(entry)) return true;
    journal.halt(unexpected(entry));
  }
  if (journal.halted()) {
    if (!ended_) end_now(*journal.halted(), Value());
    return false;
  }
  come_back();
  return false;
}

bool Run::relive(const store::Entry& entry) {
  auto& past = machinery_.journal.past();
  auto& turns = machinery_.turns;
  effects::Position at(entry.branch, entry.index);
  if (is_outcome(entry)) return turns.deliver(at, effects::outcome_in(entry), entry.time);
  past.pass();
  if (entry.kind == "decision" && entry.verb == "resumed") {
    turns.begin_life(entry.time);
    begin_life(entry.body);
    return true;
  }
  if (entry.kind == "decision" && entry.verb == "stood_still") {
    turns.stand_still(entry.time, entry.body.value("ms", std::int64_t{0}));
    return true;
  }
  turns.pass_time(entry.time);
  if (entry.kind == "operator") return true;
  if (entry.kind == "resolved") {
    effects::Resolution resolution;
    resolution.decision = entry.body.value("decision", "");
    resolution.by = entry.body.value("by", "");
    resolution.reason = entry.body.value("reason", "");
    machinery_.waist.resolve(at, std::move(resolution));
    return true;
  }
  if (entry.kind != "decision" || entry.verb != "cancel") return false;
  Error why = error_from(entry.body.value("error", Value::object()));
  interrupted_ = interrupted_ || why.code == "SH1911";
  turns.cancel("0", std::move(why));
  return true;
}

// What nobody may do twice, nobody knows about, and nobody has decided.
std::optional<Error> Run::in_doubt() const {
  Value open = Value::array();
  for (const auto& intent : effects::in_doubt(machinery_.journal.past().entries())) {
    const Call call(intent.verb, intent.args);
    if (effects::effect_of(call) != EffectClass::one_shot || intent.args.contains("probe")) continue;
    if (machinery_.turns.cancelled(intent.branch) != nullptr) continue;
    if (machinery_.waist.resolution(effects::Position(intent.branch, intent.index)) != nullptr) continue;
    open.push_back({{"seq", intent.seq},
                    {"branch", intent.branch},
                    {"index", intent.index},
                    {"verb", intent.verb},
                    {"args", intent.args},
                    {"where", intent.body.is_object() ? intent.body.value("where", "") : ""}});
  }
  if (open.empty() || is_planted("one-shot retried")) return std::nullopt;
  const auto& first = open.front();
  Error error(
      "SH1942", Kind::adapter,
      fmt::format("shunt ended while {} ran (entry {}), and nobody can tell whether it was done",
                  first["verb"].get<std::string>(), first["seq"].get<std::int64_t>()),
      fmt::format("look whether it was done, then: shunt resolve {} adopt (it was), skip (it was not, and shall "
                  "not be) or retry (do it again), with --reason",
                  parts_.row.id));
  error.evidence = {{"in_doubt", open}};
  return error;
}

std::optional<Error> Run::poisoned(std::int64_t tail) const {
  int deaths = 1;
  for (const auto& entry : machinery_.journal.past().entries()) {
    if (entry.kind == "resolved") deaths = 1;
    if (entry.kind == "decision" && entry.verb == "resumed" && entry.body.value("tail", std::int64_t{0}) == tail)
      ++deaths;
  }
  if (deaths < most_deaths || is_planted("poison not noticed")) return std::nullopt;
  Error error(
      "SH1943", Kind::adapter, fmt::format("shunt ended {} times after entry {}", deaths, tail),
      fmt::format("see `shunt show {0}` for what it did there; then `shunt resolve {0} retry --reason ...` tries "
                  "once more, or `shunt abort {0}` and `shunt resume {0}` go back",
                  parts_.row.id));
  error.evidence = {{"seq", tail}, {"deaths", deaths}};
  return error;
}

void Run::come_back() {
  if (parts_.only_replays) {
    ended_ = true;
    return;
  }
  const auto tail = tail_of(machinery_.journal.past().entries());
  const bool aborted = inbox_.take_abort();
  auto stop = in_doubt();
  if (!stop && !aborted) stop = poisoned(tail);
  if (stop) {
    Value report = {{"hooks", effects::listed(machinery_.journal.hooks())}, {"goes_on", true}};
    if (stop->evidence.contains("in_doubt")) report["in_doubt"] = stop->evidence["in_doubt"];
    end_now(*stop, std::move(report));
    return;
  }
  parts_.row.state = rolls_back() ? "rolling_back" : "running";
  parts_.row.exit = -1;
  parts_.row.ended = 0;
  machinery_.journal.save(parts_.row);
  Value doubtful = Value::array();
  for (const auto& intent : effects::in_doubt(machinery_.journal.past().entries())) {
    if (intent.verb != "proxy.set") continue;
    doubtful.push_back(intent.args);
    if (is_of_a_life(intent.branch)) doubtful.back()["abandoned"] = true;
  }
  const Value about = {{"tail", tail},
                       {"boot_id", parts_.boot_id},
                       {"rebooted", parts_.boot_id != boot_id_},
                       {"in_doubt", doubtful},
                       {"shares", parts_.state.shares},
                       {"epoch", parts_.row.epoch},
                       {"cancelled", machinery_.turns.cancelled("0") != nullptr}};
  machinery_.turns.begin_life(std::max(parts_.effects.now(), machinery_.turns.now()));
  machinery_.journal.decision("resumed", about);
  machinery_.journal.announce(
      Event("warning", {{"message", "shunt had ended while it ran; it goes on from there"}, {"code", "SH1918"}}));
  begin_life(about);
}

// Whatever an earlier life did to come back is over.
void Run::begin_life(const Value& about) {
  const auto life = machinery_.turns.lives();
  boot_id_ = about.value("boot_id", boot_id_);
  if (life > 1)
    machinery_.turns.cancel(branch_of_life(life - 1), Error("SH1902", Kind::cancelled, "shunt ended meanwhile", ""));
  Call call("look_again", {{"rebooted", about.value("rebooted", false)},
                           {"in_doubt", about.value("in_doubt", Value::array())},
                           {"cancelled", about.value("cancelled", false)},
                           {"shares", about.value("shares", Value::object())}});
  asio::co_spawn(machinery_.turns.executor(), look_again(life, std::move(call)), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
}

Task<void> Run::look_again(int life, Call call) {
  auto scope = machinery_.waist.root(branch_of_life(life));
  Outcome looked = co_await scope.perform(std::move(call));
  auto& turns = machinery_.turns;
  if (life != turns.lives() || machinery_.journal.halted()) co_return;
  if (!looked.ok() && looked.error->code == "SH1945") {
    turns.cancel("0", *looked.error);
  } else if (!looked.ok()) {
    if (turns.replays()) co_return;
    Value report = {{"hooks", effects::listed(machinery_.journal.hooks())}, {"goes_on", true}};
    end_now(*looked.error, std::move(report));
    co_return;
  }
  turns.release();
}

}  // namespace shunt::deploy
