#include "simulate/trial.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/post.hpp>

#include "deploy/compose.hpp"
#include "deploy/rerun.hpp"
#include "effects/verbs.hpp"

namespace shunt::simulate {

namespace {

constexpr int most_lives = 100;
constexpr int most_calls = 100'000;
constexpr int most_rounds = 10;
constexpr const char* earlier_run = "an-earlier-run";

// Only steps have intents and results of their own.
bool is_step_entry(const store::Entry& entry) {
  const auto* found = effects::find_verb(entry.verb);
  return found != nullptr && found->sort == effects::Sort::primitive &&
         (entry.kind == "intent" || entry.kind == "result");
}

Task<Outcome> failed(Error error) {
  Outcome no(std::move(error));
  co_return std::move(no);
}

Where place_in(const store::Entry& entry) {
  if (!entry.body.is_object() || !entry.body.contains("where")) return {};
  const auto text = entry.body["where"].get<std::string>();
  const auto colon = text.rfind(':');
  return Where{text.substr(0, colon), std::stoi(text.substr(colon + 1))};
}

}  // namespace

/// The world as a living engine sees it; nothing reaches it from a dead one.
class Trial::Mortal : public effects::Effects {
 public:
  explicit Mortal(Trial& owner) : owner_(owner) {}

  deploy::Run* run = nullptr;

  Task<Outcome> perform(Call call) override {
    if (owner_.dies_before(call)) owner_.store_.die();
    Outcome outcome;
    if (owner_.store_.dead()) {
      auto wait = [this](const loop::Completion<Outcome>& completion) { return keep(completion); };
      outcome = co_await loop::suspend<Outcome>(std::move(wait));
    } else {
      outcome = co_await owner_.world_.effects.perform(std::move(call));
    }
    co_return std::move(outcome);
  }

  std::int64_t now() override { return owner_.world_.effects.now(); }

 private:
  // Who asks from the grave gets no answer.
  loop::Abort<Outcome> keep(const loop::Completion<Outcome>& completion) {
    limbo_.push_back(completion);
    return [](const loop::Completion<Outcome>& cancelled) { cancelled.fail(loop::cancellation()); };
  }

  Trial& owner_;
  std::vector<loop::Completion<Outcome>> limbo_;
};

Trial::Trial(const Subject& subject, const Faults& faults, std::uint64_t seed, Detail detail)
    : subject_(subject), detail_(detail), world_(subject.deployment, seed), watch_(world_) {
  world_.before = [this](const Call& call) { watch_.before(call); };
  world_.after = [this](const Call& call, const Outcome& outcome) { look_after(call, outcome); };
  world_.happens = [this](const Fault& fault) { happened_.emplace_back(world_.elapsed_ms(), fault); };
  watch_.where = [this] { return place_at_work(); };
  for (const auto& fault : faults) {
    if (fault.what == "crash") deaths_.push_back(fault);
    world_.add(fault);
  }
  arm();
  prepare_store();
}

Trial::~Trial() = default;

void Trial::prepare_store() {
  const auto& deployment = subject_.deployment;
  static_cast<void>(store_.take_epoch());
  if (!deployment.first) {
    before_.live = deployment.from();
    before_.colors[text_of(deployment.from())] = {
        {"release", deployment.prior.release}, {"version", deployment.prior.version}, {"run", earlier_run}};
    for (const auto& [service, proxy] : world_.machine.proxies) {
      const auto view = proxy->view();
      before_.shares[service] = {
          {"blue", view.weights.blue}, {"green", view.weights.green}, {"proxy_started", view.started}};
    }
    auto earlier = deploy::release_of(deployment.prior, deployment.from(), earlier_run);
    earlier.ended = "succeeded";
    static_cast<void>(store_.save(earlier));
  }
  static_cast<void>(store_.save(before_));
  static_cast<void>(store_.commit());
  row_.id = deployment.id;
  row_.verb = deployment.verb;
  row_.strategy = deployment.strategy;
  row_.version = deployment.next.version;
  row_.state = "running";
  row_.release = deployment.next.release;
  row_.boot_id = "a boot";
  row_.report = Value::object();
}

// Whether a crash is due there, which then has come to pass.
bool Trial::strikes(const char* key, int n, const std::string& cut) {
  const auto due = std::find_if(deaths_.begin(), deaths_.end(), [&](const Fault& death) {
    return death.args.value(key, 0) == n && (cut.empty() || death.args.value("cut", "") == cut);
  });
  if (due == deaths_.end()) return false;
  if (world_.happens) world_.happens(*due);
  away_ = Milliseconds(due->args.value("away_ms", std::int64_t{0}));
  deaths_.erase(due);
  return true;
}

bool Trial::dies_before(const Call& call) {
  if (store_.dead() || deaths_.empty()) return false;
  if (strikes("before_call", world_.calls() + 1, "")) return true;
  return is_step(call) && strikes("step", world_.steps() + 1, "after intent");
}

void Trial::arm() {
  if (deaths_.empty()) return;
  store_.dies_at_append = [this](const store::Entry& entry) {
    if (!is_step_entry(entry)) return false;
    if (entry.kind == "intent") return strikes("step", ++intents_, "before intent");
    ++results_;
    if (strikes("step", results_, "before commit")) return true;
    dies_soon_ = strikes("after_step", results_, "") || strikes("step", results_, "after commit");
    return false;
  };
  store_.dies_after_commit = [this] { return std::exchange(dies_soon_, false); };
}

void Trial::look_after(const Call& call, const Outcome& outcome) {
  watch_.after(call, outcome);
  if (!is_step(call)) return;
  for (const auto& invariant : subject_.invariants)
    if (auto complaint = invariant.complaint(*this)) watch_.note(invariant.name, std::move(*complaint));
  if (!deaths_.empty() && strikes("step", world_.steps(), "reply lost")) store_.die();
}

deploy::Body Trial::body_for(deploy::Run& run, std::unique_ptr<deploy::Play>& play) {
  auto script = subject_.load();
  if (!script) return [error = script.error()](effects::Scope) { return failed(error); };
  play = std::make_unique<deploy::Play>(std::move(*script));
  return play->body(run.machinery(), subject_.deployment);
}

std::optional<Ending> Trial::live() {
  asio::io_context loop{1};
  Mortal mortal(*this);
  auto& clock = world_.machine.clock;
  const auto pump = [&] {
    if (store_.dead()) return false;
    if (world_.calls() > most_calls) {
      endless_ = true;
      store_.die();
      return false;
    }
    loop.restart();
    return loop.poll() > 0 || world_.pass_to_next() || clock.advance();
  };
  auto row = row_;
  if (begun_) row = **store_.run(row_.id);
  Ending ending;
  {
    std::unique_ptr<deploy::Play> play;
    deploy::RunParts parts{mortal,
                           loop.get_executor(),
                           pump,
                           world_.machine.context().secrets,
                           store_,
                           *this,
                           subject_.deployment,
                           row,
                           before_,
                           Value::object(),
                           row_.boot_id};
    parts.listens = false;
    if (!begun_) parts.row.started = row_.started = clock.now();
    deploy::Run run(std::move(parts));
    world_.abort = [&] {
      store::Message message;
      message.run = row_.id;
      message.verb = "abort";
      message.by = "ada";
      message.time = clock.now();
      static_cast<void>(store_.post(std::move(message)));
      asio::post(loop, [&run] { run.hear(); });
    };
    auto body = body_for(run, play);
    if (begun_) {
      ending = run.resume(*store_.entries(row_.id), std::move(body));
    } else {
      world_.begin();
      begun_ = bool(run.begin(deploy::release_of(subject_.deployment.next, subject_.deployment.to, row_.id)));
      ending = run.execute(std::move(body));
    }
    world_.abort = nullptr;
    // Who is woken that way may lie down once more; who still sleeps then goes with the loop, and not after it.
    for (int round = 0; round < most_rounds; ++round) {
      clock.forget_sleepers();
      loop.restart();
      if (loop.poll() == 0) break;
    }
    clock.forget_sleepers();
  }
  ++lives_;
  const bool died = store_.dead();
  store_.crash();
  return died ? std::nullopt : std::optional(std::move(ending));
}

void Trial::check_replay() {
  std::unique_ptr<deploy::Play> play;
  const auto ending =
      deploy::rerun(subject_.deployment, row_, deploy::up_to_force(store_.journal()), world_.machine.context().secrets,
                    [&](deploy::Run& run) { return body_for(run, play); });
  if (!ending.error || ending.error->code != "SH1941") return;
  watch_.note("replay-equal", ending.error->message, ending.error->where);
}

Report Trial::run() {
  Report report;
  std::optional<Ending> ending;
  while (!ending && !endless_ && lives_ < most_lives) {
    ending = live();
    if (!ending) world_.pass(std::exchange(away_, Milliseconds(0)));
  }
  if (ending) report.ending = std::move(*ending);
  report.elapsed_ms = world_.elapsed_ms();
  watch_.at_end(report.ending, *store_.state(), report.elapsed_ms);
  if (report.ending.state == "rolled_back") look_for_forgotten_undo();
  if (detail_.replays && ending) check_replay();
  world_.clients.pass();
  report.violations = watch_.violations();
  report.undos = undos();
  report.last_line = place_at_work();
  report.disturbed = !happened_.empty();
  report.asked_for_all = asked_for_all();
  report.calls = world_.calls();
  report.steps = world_.steps();
  report.lives = lives_;
  report.requests = world_.clients.requests();
  report.failed = world_.clients.failed();
  const auto moment = world_.moment();
  report.shares[subject_.deployment.to] = moment.share_new;
  report.shares[subject_.deployment.from()] = moment.share_old;
  if (detail_.hashes) report.trace = hash();
  return report;
}

// The line of the script that made the composite which was begun last.
Where Trial::place_at_work() const {
  for (const auto* entries : {&store_.appended(), &store_.journal()})
    for (auto entry = entries->rbegin(); entry != entries->rend(); ++entry)
      if (auto place = place_in(*entry); !place.file.empty()) return place;
  return {};
}

// What a script's own program has changed only the script can undo; one that registers no undo at all has forgotten it.
void Trial::look_for_forgotten_undo() {
  const store::Entry* done = nullptr;
  for (const auto& entry : store_.journal()) {
    if (entry.kind == "hook" && entry.verb == "script.undo") return;
    const bool by_the_script = entry.branch.starts_with("0") && entry.kind == "intent" && entry.verb == "exec.run";
    if (by_the_script && done == nullptr && !entry.args.value("idempotent", false)) done = &entry;
  }
  if (done == nullptr) return;
  std::string command;
  for (const auto& word : done->args.value("argv", Value::array()))
    command += (command.empty() ? "" : " ") + word.get<std::string>();
  watch_.note("rollback-restores",
              fmt::format("`{}` was run, and nothing undoes it: register deploy:on_rollback before it", command),
              place_in(*done));
}

bool Trial::asked_for_all() const {
  const auto& journal = store_.journal();
  const auto last = std::find_if(journal.rbegin(), journal.rend(), [](const store::Entry& entry) {
    return entry.verb == "shift" && entry.branch.starts_with("0") && entry.kind == "intent";
  });
  if (last == journal.rend()) return false;
  const auto result = std::find_if(journal.rbegin(), last, [&](const store::Entry& entry) {
    return entry.verb == "shift" && entry.branch == last->branch && entry.index == last->index;
  });
  if (result == last || result->body.contains("error")) return false;
  return last->args.value("percent", last->args.value(text_of(subject_.deployment.to), 0)) == 100;
}

std::map<std::string, bool> Trial::undos() const {
  std::map<std::string, bool> found;
  for (const auto& entry : store_.journal()) {
    if (entry.verb != "script.undo" || !entry.args.is_object()) continue;
    auto& performed = found[entry.args.value("name", "")];
    performed = performed || entry.kind == "intent";
  }
  return found;
}

std::string Trial::hash() const {
  std::string text;
  for (const auto& entry : store_.journal())
    text += encode({entry.branch, entry.index, entry.kind, entry.verb, entry.args, entry.body, entry.time});
  return sha256(text);
}

}  // namespace shunt::simulate
