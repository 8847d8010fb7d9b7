// perform(Call) → Outcome: the only door between a run and the world.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "effects/effects.hpp"
#include "effects/journal.hpp"
#include "effects/turns.hpp"
#include "shunt/secrets.hpp"

namespace shunt::effects {

/// Says no to what would hurt users, whoever asks, and learns from everything that came back.
class Guard {
 public:
  virtual ~Guard() = default;
  virtual std::optional<Error> refuse(const Call& call) = 0;
  virtual void learn(const Call& call, const Outcome& outcome) = 0;
};

class Waist;

/// What an operator decided about a Call that was in doubt.
struct Resolution {
  std::string decision;  ///< retry, skip, adopt
  std::string by;
  std::string reason;

  Resolution() = default;
};

/// One branch of a run: numbers the Calls that are made in it, one at a time. Copies are the same branch.
class Scope {
 public:
  Task<Outcome> perform(Call call) const;

  /// Registers what undoes the effect that comes next; both become durable together, before the effect starts.
  void register_undo(Undo undo) const;

  /// Branches for work at the same time, below the next position of this one.
  std::vector<Scope> split(std::size_t count) const;

  const std::string& branch() const { return state_->branch; }
  std::int64_t now() const;  ///< watched time at the last delivery, ms; only differences mean anything
  void announce(Event event) const;
  Turns& turns() const;

 private:
  friend class Waist;
  struct State {
    std::string branch;
    std::int64_t next = 0;
  };
  Scope(Waist& waist, std::string branch) : waist_(&waist), state_(std::make_shared<State>()) {
    state_->branch = std::move(branch);
  }

  Waist* waist_;
  std::shared_ptr<State> state_;
};

/// What a Call goes through: cancelled? refused? composite → its routine; primitive → intent, effect, delivery, result.
class Waist {
 public:
  /// Runs a composite step in a branch of its own.
  using Composites = std::function<Task<Outcome>(Call call, Scope inside)>;

  Waist(Turns& turns, Effects& below, Journal& journal, Guard& guard, const Secrets& secrets);

  void composites(Composites composites) { composites_ = std::move(composites); }
  Scope root(std::string branch) { return Scope(*this, std::move(branch)); }

  /// What was decided about a Call that is in doubt, before it is settled.
  void resolve(const Position& at, Resolution resolution) { resolutions_[at] = std::move(resolution); }
  const Resolution* resolution(const Position& at) const;

  /// How long questions waited for their answers; such time does not count as the deployment's.
  std::int64_t questions_ms() const { return questions_ms_; }

  Turns& turns() { return turns_; }
  Journal& journal() { return journal_; }

 private:
  friend class Scope;
  Task<Outcome> perform(Position at, Call call);
  Task<Outcome> composite(Position at, Call call);
  Task<Outcome> primitive(Position at, Call call);
  Outcome learned(const Call& call, Outcome outcome);
  Task<Outcome> carry_out(Position at, Call call, std::int64_t asked, std::int64_t watched, int life);
  Task<Outcome> settle(Position at, Call call);
  Task<Outcome> ask_probe(Call call);
  void announce_begin(const Call& call);
  void announce_end(const Call& call, const Outcome& outcome, std::int64_t began);
  Task<Outcome> note(Position at, Call call);
  std::optional<Error> refusal(const Position& at, const Call& call);
  Outcome cleaned(Outcome outcome) const;

  Turns& turns_;
  Effects& below_;
  Journal& journal_;
  Guard& guard_;
  const Secrets& secrets_;
  Composites composites_;
  std::map<Position, Resolution> resolutions_;
  std::int64_t questions_ms_ = 0;
};

}  // namespace shunt::effects
