#include "rehearsal.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <filesystem>

#include "deploy/compose.hpp"
#include "deploy/routine.hpp"
#include "effects/verbs.hpp"
#include "lua/runtime.hpp"
#include "strategies/bundled.hpp"

namespace shunt::crash {

namespace {

constexpr int most_lives = 400;
constexpr std::size_t most_calls = 20'000;
constexpr const char* soak = "3s";

const std::vector<std::string> effect_verbs = {
    "instances.start", "instances.stop", "instances.adopt", "instances.disown", "proxy.set", "proxy.close", "exec.run"};

bool is_step(const Call& call) {
  const auto* found = effects::find_verb(call.verb);
  return found != nullptr && found->sort == effects::Sort::primitive &&
         effects::effect_of(call) != EffectClass::observe;
}

// Only steps have intents and results of their own.
bool is_step(const store::Entry& entry) {
  const auto* found = effects::find_verb(entry.verb);
  return found != nullptr && found->sort == effects::Sort::primitive &&
         (entry.kind == "intent" || entry.kind == "result");
}

Deployment deployment_of(const Story& story) {
  auto deployment =
      story.first ? deploy::test::first_version(story.services) : deploy::test::two_versions(story.services);
  deployment.strategy = story.strategy;
  deployment.downtime = story.strategy == "recreate";
  if (story.strategy == "rollback") deployment.verb = "rollback";
  deployment.metrics = "model";
  deployment.gates = {deploy::test::gate("error rate")};
  if (story.strategy != "rollback" && story.script.empty()) deployment.options = {{"soak", soak}};
  if (story.strategy == "gradual") deployment.options["steps"] = {10, 50, 100};
  for (auto& service : deployment.next.services) service.verify.consecutive = 2;
  return deployment;
}

}  // namespace

std::string Story::name() const {
  return strategy + (bad ? ", bad version" : "") + (first ? ", first" : "") +
         (services.size() > 1 ? fmt::format(", {} services", services.size()) : "");
}

std::string_view name_of(Cut cut) {
  static constexpr std::array<std::string_view, 7> names = {
      "none", "before intent", "after intent", "reply lost", "before commit", "after commit", "any call"};
  return names.at(static_cast<std::size_t>(cut));
}

ScriptRuntime& scripts() {
  static const auto runtime = [] {
    std::vector<Source> bundled;
    for (const auto& strategy : bundled_strategies())
      bundled.emplace_back(std::filesystem::path(strategy.name).stem().string(), strategy.text);
    return lua::make_runtime(std::move(bundled));
  }();
  return *runtime;
}

/// The world as a living engine sees it; nothing reaches it from a dead one.
class Rehearsal::Mortal : public effects::Effects {
 public:
  explicit Mortal(Rehearsal& owner) : owner_(owner) {}

  /// The n-th Call with an effect, or of any kind, that does not begin any more; 0: none.
  int last_step = 0;
  int last_call = 0;
  deploy::Run* run = nullptr;  ///< who asks people

  Task<Outcome> perform(Call call) override {
    if (is_last(call)) {
      owner_.struck_ = true;
      owner_.store.die();
    }
    Outcome outcome;
    if (call.verb == "approval.wait" && run != nullptr && !owner_.store.dead()) {
      outcome = co_await run->ask(call.args);
    } else if (owner_.store.dead()) {
      auto wait = [this](const loop::Completion<Outcome>& completion) { return keep(completion); };
      outcome = co_await loop::suspend<Outcome>(std::move(wait));
    } else {
      outcome = co_await owner_.world.perform(std::move(call));
    }
    co_return std::move(outcome);
  }

  std::int64_t now() override { return owner_.world.now(); }

 private:
  bool is_last(const Call& call) {
    if (owner_.store.dead()) return false;
    if (owner_.dies_before && owner_.dies_before(call)) return true;
    return ++calls_ == last_call || (is_step(call) && ++steps_ == last_step);
  }

  // Who asks from the grave gets no answer.
  loop::Abort<Outcome> keep(const loop::Completion<Outcome>& completion) {
    limbo_.push_back(completion);
    return [](const loop::Completion<Outcome>& cancelled) { cancelled.fail(loop::cancellation()); };
  }

  Rehearsal& owner_;
  std::vector<loop::Completion<Outcome>> limbo_;
  int calls_ = 0;
  int steps_ = 0;
};

Rehearsal::Rehearsal(Story story) : deployment(deployment_of(story)), world(deployment), story_(std::move(story)) {
  world.instead["metrics.query"] = [this](const Call&) {
    bool breaks = false;
    for (const auto& [service, proxy] : world.proxies)
      breaks = breaks || (story_.bad && world.effective(service)[deployment.to] >= 50);
    return std::optional(deploy::test::measured(breaks ? 0.2 : 0.0));
  };
  world.before = [this](const Call& call) { look_before(call); };
  prepare_store();
}

Rehearsal::~Rehearsal() = default;

void Rehearsal::prepare_store() {
  static_cast<void>(store.take_epoch());
  if (!story_.first) {
    before_.live = deployment.from();
    before_.colors[text_of(deployment.from())] = {
        {"release", deployment.prior.release}, {"version", deployment.prior.version}, {"run", "an-earlier-run"}};
    for (const auto& [service, proxy] : world.proxies)
      before_.shares[service] = {
          {"blue", proxy.weights.blue}, {"green", proxy.weights.green}, {"proxy_started", proxy.started}};
    auto earlier = deploy::release_of(deployment.prior, deployment.from(), "an-earlier-run");
    earlier.ended = "succeeded";
    static_cast<void>(store.save(earlier));
  }
  static_cast<void>(store.save(before_));
  static_cast<void>(store.commit());
}

deploy::Body Rehearsal::body_for(deploy::Run& run, std::unique_ptr<deploy::Play>& play) {
  if (story_.strategy == "rollback")
    return deploy::body_of(deploy::go_back_to({"an-older-run"}, 0, false), run.machinery().stage());
  ReadFile files = [this](const std::string& name) {
    return name == story_.strategy ? std::optional(story_.script) : std::nullopt;
  };
  auto script = scripts().load_strategy(story_.strategy, std::move(files), ScriptLimits());
  if (!script) FAIL(to_line(script.error()));
  auto options = (*script)->options(deployment.options);
  if (!options) FAIL(to_line(options.error()));
  auto given = deployment;
  given.options = *options;
  play = std::make_unique<deploy::Play>(std::move(*script));
  return play->body(run.machinery(), given);
}

void Rehearsal::arm(Death death) {
  struck_ = false;
  auto intents = std::make_shared<int>(0);
  auto results = std::make_shared<int>(0);
  auto done = std::make_shared<int>(0);
  auto due = std::make_shared<bool>(false);
  const auto strikes = [this](bool now) {
    struck_ = struck_ || now;
    return now;
  };
  store.dies_at_append = [=, this](const store::Entry& entry) {
    if (!is_step(entry)) return false;
    if (entry.kind == "intent") ++steps_;
    if (entry.kind == "intent" && ++*intents == death.n && death.cut == Cut::before_intent) return strikes(true);
    if (entry.kind != "result" || ++*results != death.n) return false;
    *due = death.cut == Cut::after_commit;
    return strikes(death.cut == Cut::before_commit);
  };
  store.dies_after_commit = [=] { return strikes(*due); };
  world.after = [=, this](const Call& call) {
    look_around();
    if (is_step(call) && ++*done == death.n && death.cut == Cut::reply_lost && strikes(true)) store.die();
  };
}

std::optional<Ending> Rehearsal::live(Death death) {
  asio::io_context loop;
  store.power_may_fail = power;
  arm(death);
  Mortal mortal(*this);
  if (death.cut == Cut::after_intent) mortal.last_step = death.n;
  if (death.cut == Cut::any_call) mortal.last_call = death.n;
  store::Run row;
  row.id = deployment.id;
  row.verb = deployment.verb;
  row.version = deployment.next.version;
  row.state = "running";
  row.release = deployment.next.release;
  row.started = world.now();
  row.boot_id = boot_id;
  row.report = Value::object();
  if (begun_) row = **store.run(deployment.id);
  const auto pump = [&] {
    if (store.dead()) return false;
    loop.restart();
    if (world.calls.size() > most_calls) FAIL("it goes on for ever");
    return loop.poll() > 0 || world.advance();
  };
  Ending ending;
  {
    std::unique_ptr<deploy::Play> play;
    deploy::Run run({mortal, loop.get_executor(), pump, secrets_, store, *this, deployment, row, before_,
                     Value::object(), boot_id});
    if (asks_people) mortal.run = &run;
    auto body = body_for(run, play);
    if (begun_ && is_another) {
      ending = run.roll_back_from(*store.entries(deployment.id), Error("SH1918", Kind::cancelled, "it goes back"));
    } else if (begun_) {
      ending = run.resume(*store.entries(deployment.id), std::move(body));
    } else {
      begun_ = bool(run.begin(deploy::release_of(deployment.next, deployment.to, deployment.id)));
      ending = run.execute(std::move(body));
    }
    world.forget_answers();
    loop.restart();
    loop.poll();
  }
  if (lives_++ == 0 && did_more_than_it_wrote()) harm_.push_back("an effect whose intent was not durable");
  const bool died = store.dead();
  store.crash(power);
  return died ? std::nullopt : std::optional(ending);
}

Ending Rehearsal::run(const std::vector<Death>& deaths) {
  for (const auto& death : deaths) {
    if (auto ending = live(death)) return *ending;
    if (meanwhile) meanwhile(world);
  }
  for (int life = 0; life < most_lives; ++life) {
    if (auto ending = live()) return *ending;
    if (meanwhile) meanwhile(world);
  }
  FAIL("it never ended");
  return Ending();
}

void Rehearsal::resolve(const std::string& decision, const effects::Position& at) {
  store::Entry entry;
  entry.run = deployment.id;
  entry.kind = "resolved";
  entry.verb = decision;
  entry.branch = at.branch;
  entry.index = at.index;
  entry.body = {{"decision", decision}, {"by", "ada"}, {"reason", "looked"}};
  entry.time = world.now();
  static_cast<void>(store.append(entry));
  static_cast<void>(store.commit());
}

void Rehearsal::say(const std::string& verb, const std::string& question) {
  store::Message message;
  message.run = deployment.id;
  message.verb = verb;
  message.question = question;
  message.by = "ada";
  message.time = world.now();
  static_cast<void>(store.post(message));
}

void Rehearsal::look_before(const Call& call) {
  if (call.verb != "instances.stop" || deployment.downtime) return;
  const auto colour = *colour_named(call.args["color"].get<std::string>());
  if (world.effective(call.args["service"])[colour] > 0) harm_.push_back("stopped with traffic");
}

void Rehearsal::look_around() {
  if (deployment.downtime || story_.first || meanwhile) return;
  for (const auto& [service, proxy] : world.proxies) {
    const auto shares = world.effective(service);
    if (shares.blue + shares.green == 0) harm_.push_back("nobody answers for " + service);
  }
}

void Rehearsal::look_at_end(const Ending& ending) {
  const auto to = deployment.to;
  const auto from = deployment.from();
  const auto note = [&](bool bad, const char* what) {
    if (bad) harm_.emplace_back(what);
  };
  for (const auto& [service, proxy] : world.proxies) {
    const auto shares = world.effective(service);
    note(ending.state == "succeeded" && shares[to] != 100, "succeeded without all the traffic");
    note(ending.state == "rolled_back" && !story_.first && shares[from] != 100, "rolled back without all the traffic");
  }
  note(ending.state == "succeeded" && world.runs(from), "the old one was left running");
  note(ending.state == "rolled_back" && world.runs(to), "the new one was left running");
  note(ending.state == "rolled_back" && !story_.first && !world.runs(from), "the old one is gone");
  note(ending.state.empty(), "it did not end");
  note(ending.state == "needs_operator" && !ending.error, "needs an operator, and does not say why");
  note(ending.state == "needs_operator" && !ending.document.contains("hooks"), "needs an operator, and lists no hooks");
  const auto state = *store.state();
  note(ending.state == "succeeded" && state.live != to, "the store does not know what serves");
  note(ending.state == "rolled_back" && !story_.first && state.live != from, "the store forgot what serves");
  const auto row = *store.run(deployment.id);
  note(!row || row->state != ending.state, "the store does not know how it ended");
}

// In the first life, which does nothing again.
bool Rehearsal::did_more_than_it_wrote() const {
  const auto done = std::count_if(world.calls.begin(), world.calls.end(), [](const Call& one) { return is_step(one); });
  std::ptrdiff_t intents = 0;
  for (const auto& entry : store.journal())
    if (entry.kind == "intent" && is_step(entry)) ++intents;
  return done > intents;
}

std::vector<std::string> Rehearsal::effects() const {
  auto lines = world.lines(effect_verbs);
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  return lines;
}

}  // namespace shunt::crash
