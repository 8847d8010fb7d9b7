// One deployment in the simulated world, over as many lives of its engine as it takes.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "deploy/play.hpp"
#include "deploy/run.hpp"
#include "deploy/test_rig.hpp"
#include "effects/test_world.hpp"
#include "simulate/memory_store.hpp"

namespace shunt::crash {

using deploy::test::Trouble;
using effects::test::World;

/// What is deployed, and how it would go if nobody died.
struct Story {
  std::string strategy;  ///< a bundled one, or a routine: "rollback", "repair", "cleanup"
  bool bad = false;      ///< the gate fails once the new version has half of the traffic
  bool first = false;
  std::vector<std::string> services = {"web"};
  std::string script{};  ///< the strategy's text, where it is no bundled one

  Story(std::string strategy, bool bad = false, bool first = false, std::vector<std::string> services = {"web"})
      : strategy(std::move(strategy)), bad(bad), first(first), services(std::move(services)) {}
  std::string name() const;
};

/// Where the engine dies, around the n-th step with an effect.
enum class Cut {
  none,
  before_intent,  ///< its intent was not recorded
  after_intent,   ///< its intent is durable, the effect has not begun
  reply_lost,     ///< the effect was done, its answer never came
  before_commit,  ///< the answer came, and was not recorded
  after_commit,   ///< the answer is durable
  any_call,       ///< before the n-th Call of any kind, effect or not
};

std::string_view name_of(Cut cut);

struct Death {
  Cut cut = Cut::none;
  int n = 0;

  Death() = default;
  Death(Cut cut, int n) : cut(cut), n(n) {}
};

/// The world and the journal outlive the engine; `live` is one life of it.
class Rehearsal : private Reporter {
 public:
  explicit Rehearsal(Story story);
  ~Rehearsal() override;

  /// From the beginning, or from the journal, until it ends or dies. Nothing: it died.
  std::optional<Ending> live(Death death = {});

  /// Lives and dies as told, then lives on undisturbed. Fails the test when it does not end.
  Ending run(const std::vector<Death>& deaths);

  /// An operator decides, between two lives; about the Call at `at`, or about none.
  void resolve(const std::string& decision, const effects::Position& at = {});

  /// Another strategy from now on.
  void tell(Story story) { story_ = std::move(story); }

  /// Called before every Call that reaches the world; true: the engine dies there.
  std::function<bool(const Call&)> dies_before;

  /// Between two lives.
  std::function<void(World&)> meanwhile;
  bool power = false;        ///< what was only flushed does not outlive a life
  bool asks_people = false;  ///< questions are answered by the store's inbox alone
  bool is_another = false;   ///< lives after the first are of another engine, which may only go back
  std::string boot_id = "a boot";

  /// An approve, reject or abort, given by somebody at any time.
  void say(const std::string& verb, const std::string& question = "");

  int steps() const { return steps_; }     ///< with an effect, over all lives
  bool struck() const { return struck_; }  ///< the last death came to pass
  const std::vector<std::string>& harm() const { return harm_; }

  /// Everything that must hold once it has ended.
  void look_at_end(const Ending& ending);

  /// What was done to the world, in order; a Call that was made again is there once.
  std::vector<std::string> effects() const;

  Deployment deployment;
  World world;
  simulate::MemoryStore store;
  std::vector<Event> events;

 private:
  class Mortal;

  void report(const Event& event) override { events.push_back(event); }
  void prepare_store();
  void arm(Death death);
  void look_around();
  void look_before(const Call& call);
  bool did_more_than_it_wrote() const;
  deploy::Body body_for(deploy::Run& run, std::unique_ptr<deploy::Play>& play);

  Story story_;
  deploy::test::TestSecrets secrets_;
  store::AppState before_;
  bool begun_ = false;
  int lives_ = 0;
  int steps_ = 0;
  bool struck_ = false;
  std::vector<std::string> harm_;
};

/// The Lua runtime with the bundled strategies, made once.
ScriptRuntime& scripts();

}  // namespace shunt::crash
