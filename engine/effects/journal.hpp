// The write-ahead record of a run: intents before effects, results before whatever rests on them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "effects/past.hpp"
#include "effects/position.hpp"
#include "shunt/call.hpp"
#include "shunt/events.hpp"
#include "store/store.hpp"

namespace shunt::effects {

/// When a rollback hook runs; in this order, in reverse order of registration inside a tier.
enum class Tier { target, traffic, capacity, data, clean_up };

std::string_view name_of(Tier tier);
Tier tier_named(std::string_view name);

/// An undo is data: a Call that can be performed without the script that made it necessary.
struct Undo {
  Tier tier = Tier::clean_up;
  Call call;

  Undo() = default;
  Undo(Tier tier, Call call) : tier(tier), call(std::move(call)) {}
};

/// Writes to a store what the waist sees; without a store (plan) it only numbers. What is announced is held back until
/// everything recorded before it is durable. The first failed commit halts the run: from then on nothing is recorded,
/// and `halted` tells why. While it replays, what is recorded is compared with what was, and neither written nor told;
/// a difference (SH1941) halts the run too.
class Journal {
 public:
  Journal(store::Store* store, std::string run, Reporter& reporter, std::function<std::int64_t()> now);

  /// Durable when it returns, with everything recorded before it. The entry's seq, or the error that halted the run.
  Result<std::int64_t> intent(const Position& at, const Call& call);

  /// Not durable yet: the intent of a composite, whose effects are steps of their own.
  void composite(const Position& at, const Call& call);

  /// What an effect or a decision came to: durable before the loop blocks.
  void result(const Position& at, const Call& call, const Outcome& outcome);

  /// What was seen: durable with the next commit, and never a reason for one.
  void progress(const Position& at, const Call& call, const Outcome& outcome);

  /// A turn that the run takes ("roll back", "cancel", "killed", "resumed"); durable before the loop blocks.
  void decision(const std::string& what, const Value& why);

  /// What the script tells people; durable before the loop blocks.
  void message(const Position& at, const Call& call);

  /// An operator's word, taken from the inbox.
  void operator_said(const store::Message& message);

  /// An undo: durable together with the intent that it is registered for, which comes next.
  void hook(const Position& at, const Undo& undo);

  /// The undo of something that was done already: durable before the loop blocks.
  void promise(const Position& at, const Undo& undo);

  /// Takes over an undo that an earlier process of this run journaled.
  void adopt(const Undo& undo) { hooks_.push_back(undo); }

  /// Compares what is recorded from now on with these entries, until they are over. `told`: ids of notices that exist.
  void replay(std::vector<store::Entry> past, std::set<std::string> told);

  /// What is left of the past; over in a run that was never interrupted.
  Past& past() { return past_; }
  const Past& past() const { return past_; }
  bool replays() const { return !past_.over(); }

  Result<void> commit();
  void save(const store::Run& run);
  void save(const store::Release& release);
  void save(const store::AppState& state);

  /// What is announced from now on is queued for those who want to be notified: in the same transaction as what it
  /// tells.
  using Outbox = std::function<std::vector<store::Notice>(const Event&)>;
  void outbox(Outbox outbox) { outbox_ = std::move(outbox); }

  void announce(Event event);
  bool is_heard() const;  ///< whether what is announced reaches anybody

  /// Commits what must be durable before the loop blocks, then tells what was held back.
  void before_waiting();

  /// How many effects were begun.
  std::int64_t effects() const { return effects_; }

  const std::vector<Undo>& hooks() const { return hooks_; }
  const std::optional<Error>& halted() const { return halted_; }
  void halt(Error why) { halted_ = std::move(why); }
  store::Store* store() const { return store_; }

 private:
  std::int64_t record(std::string kind, const Position& at, const Call& call, Value body);
  bool check(Result<void> written);
  bool writes() const;
  void keep_what_was_seen();
  void tell();

  store::Store* store_;
  std::string run_;
  Reporter& reporter_;
  std::function<std::int64_t()> now_;
  Outbox outbox_;
  Past past_;
  std::set<std::string> told_;
  std::vector<Event> held_back_;
  std::vector<Undo> hooks_;
  std::optional<Error> halted_;
  std::int64_t last_seq_ = 0;
  std::int64_t effects_ = 0;
  std::int64_t last_kept_ = 0;
  bool must_commit_ = false;
};

/// Hooks as an operator sees them, none of them tried: [{ tier, verb, args, state }].
Value listed(const std::vector<Undo>& hooks);

/// The hooks that a journal registered, in order.
std::vector<Undo> hooks_in(const std::vector<store::Entry>& entries);

/// Those of them that a later process can perform, or has to list: a script's own that have been done are left out, and
/// what an operator has decided about.
std::vector<Undo> open_hooks(const std::vector<store::Entry>& entries);

}  // namespace shunt::effects
