#include "deploy/run.hpp"

#include <fmt/format.h>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/co_spawn.hpp>
#include <set>

#include "config/planted.hpp"
#include "deploy/confirm_end.hpp"
#include "shunt/duration.hpp"
#include "steps/look.hpp"
#include "steps/move.hpp"

namespace shunt::deploy {

namespace {

Error control(const char* code, std::string message, std::string remedy) {
  Error error(code, Kind::cancelled, std::move(message), std::move(remedy));
  error.control = true;
  return error;
}

bool needs_operator_at_once(const Error& error) {
  return error.code == "SH1913";
}

// Ended by its limits: from then on no Lua runs, and a replay could not end it at the same place.
bool was_killed(const Outcome& outcome) {
  return outcome.error && outcome.error->control && outcome.error->code.rfind("SH128", 0) == 0;
}

Error target_not_well(const Deployment& deployment, const Error& why) {
  Error error("SH1937", Kind::unhealthy,
              fmt::format("{} failed once it had traffic; the shares are as they were, {} serves",
                          deployment.next.version, deployment.prior.version),
              "look into both; then `shunt repair` confirms what serves, and `shunt rollback` tries again");
  error.cause = std::make_shared<const Error>(why);
  return error;
}

std::string serving(const Deployment& deployment, Colour colour) {
  const auto& side = deployment.side(colour);
  if (side.release.empty() && deployment.verb == "adopt") return "nothing was adopted, and nothing was touched";
  if (side.release.empty()) return "nothing serves";
  return fmt::format("{} ({}) serves", side.version, name_of(colour));
}

std::string shares_in(const Deployment& deployment, const std::string& service, const Weights& effective) {
  std::vector<std::string> parts;
  for (const auto colour : both_colours)
    if (effective[colour] > 0)
      parts.push_back(fmt::format("{} ({}) {} %", deployment.side(colour).version, name_of(colour), effective[colour]));
  return service + ": " + (parts.empty() ? "nobody" : fmt::format("{}", fmt::join(parts, ", ")));
}

// Where it ends without a version of which it could be said that it serves.
std::string last_seen(const Deployment& deployment, const std::map<std::string, ProxyFacts>& proxies) {
  std::vector<std::string> parts;
  std::set<Colour> reached;
  for (const auto& [service, proxy] : proxies) {
    if (!proxy.seen) continue;
    parts.push_back(shares_in(deployment, service, proxy.effective));
    for (const auto colour : both_colours)
      if (proxy.effective[colour] > 0) reached.insert(colour);
  }
  if (parts.empty()) return "no proxy was looked at; `shunt status` shows what serves";
  if (reached.size() == 1) return serving(deployment, *reached.begin()) + ", as last seen";
  return fmt::format("{}, as last seen", fmt::join(parts, "; "));
}

}  // namespace

Run::Run(RunParts parts)
    : parts_(std::move(parts)),
      machinery_(parts_.deployment, parts_.effects, parts_.executor, &parts_.store, parts_.reporter, parts_.secrets),
      inbox_(
          parts_.store, parts_.row.id, machinery_.journal, parts_.effects,
          [this](const store::Message& message) {
            cancel(control(
                "SH1910",
                fmt::format("it was aborted by {}{}{}", message.by, message.reason.empty() ? "" : ": ", message.reason),
                ""));
          },
          [this](bool waiting, const std::string& question, std::int64_t until) {
            hear_waiting(waiting, question, until);
          }),
      outbox_(parts_.deployment, parts_.secrets),
      boot_id_(parts_.row.boot_id) {
  if (!parts_.deployment.channels.empty())
    machinery_.journal.outbox([this](const Event& event) { return outbox_.notices_for(event); });
  machinery_.turns.when_stood_still([this](std::int64_t ms) { stand_still(ms); });
}

// Recorded like a delivery: what is judged by time comes out the same in every life.
void Run::stand_still(std::int64_t ms) {
  auto& journal = machinery_.journal;
  journal.decision("stood_still", {{"ms", ms}});
  machinery_.turns.stand_still(parts_.effects.now(), ms);
  const auto message =
      fmt::format("shunt stood still for {}: nothing was watched, so that does not count", to_text(Milliseconds(ms)));
  journal.announce(Event("warning", {{"message", message}}));
  journal.before_waiting();
}

void Run::hear_waiting(bool waiting, const std::string& question, std::int64_t until) {
  if (ended_) return;
  if (waiting) parts_.row.report["questions"].push_back(question);
  parts_.row.state = waiting ? "waiting" : (rolls_back() ? "rolling_back" : "running");
  machinery_.journal.save(parts_.row);
  if (waiting) machinery_.journal.announce(Event("waiting", {{"question", question}, {"until", to_timestamp(until)}}));
  machinery_.journal.before_waiting();
}

Result<void> Run::begin(std::optional<store::Release> release) {
  release_ = std::move(release);
  auto& journal = machinery_.journal;
  journal.save(parts_.row);
  if (release_) journal.save(*release_);
  const auto& deployment = parts_.deployment;
  Value fields = {{"verb", deployment.verb},         {"app", deployment.app},
                  {"strategy", deployment.strategy}, {"version", deployment.next.version},
                  {"color", name_of(deployment.to)}, {"previous_version", deployment.prior.version},
                  {"first", deployment.first}};
  journal.announce(Event("started", std::move(fields)));
  return journal.commit();
}

Ending Run::execute(Body body) {
  return drive(main(std::move(body)));
}

void Run::killed(const Error& why) {
  machinery_.journal.decision("killed", {{"error", to_value(why)}});
  static_cast<void>(machinery_.journal.commit());
}

// The deterministic half runs on its own turns; around it the loop keeps deadlines and inbox.
Ending Run::drive(Task<void> task) {
  asio::co_spawn(machinery_.turns.executor(), std::move(task), [this](std::exception_ptr thrown) {
    failure_ = thrown;
    ended_ = true;
    stop_background();
  });
  machinery_.turns.run();
  if (!ended_) {
    if (parts_.listens) background(inbox_.watch());
    background(watch_deadline());
    for (const auto& work : beside_) background(work());
  }
  while (!(ended_ && background_open_ == 0) && parts_.pump()) {
  }
  if (failure_) std::rethrow_exception(failure_);
  return ending_;
}

// Where the body is not waited for any more.
void Run::end_now(const Error& why, Value report) {
  finish(machinery_.journal.halted() ? "" : "needs_operator", 3, why, std::move(report));
  ended_ = true;
  stop_background();
}

void Run::background(Task<void> task) {
  auto& signal = background_.emplace_back();
  ++background_open_;
  asio::co_spawn(parts_.executor, std::move(task),
                 asio::bind_cancellation_slot(signal.slot(), [this](std::exception_ptr) { --background_open_; }));
}

void Run::stop_background() {
  for (auto& signal : background_) signal.emit(asio::cancellation_type::terminal);
}

// Waiting for an answer is not the deployment's time.
Task<void> Run::watch_deadline() {
  const auto began = parts_.row.started;
  for (;;) {
    const auto waited = machinery_.waist.questions_ms() + inbox_.waiting_ms();
    const auto left = began + parts_.deployment.timeout_ms + waited - parts_.effects.now();
    if (left <= 0) break;
    Call sleep("clock.sleep", {{"duration_ms", parts_.listens ? std::min<std::int64_t>(left, 1'000) : left}});
    co_await parts_.effects.perform(std::move(sleep));
  }
  cancel(control("SH1909",
                 fmt::format("the deployment took longer than its timeout of {}",
                             to_text(Milliseconds(parts_.deployment.timeout_ms))),
                 "raise `timeout` in the app file if it only needs longer"));
}

void Run::interrupt(const Error& why) {
  if (interrupted_ || rolls_back()) return;
  interrupted_ = interrupted_here_ = true;
  cancel(why);
}

// What comes from outside is journaled where it came, so that a replay is told at the same point.
void Run::cancel(Error why) {
  why.control = true;
  if (!is_planted("cancel not journaled")) machinery_.journal.decision("cancel", {{"error", to_value(why)}});
  machinery_.journal.before_waiting();
  machinery_.turns.cancel("0", std::move(why));
}

void Run::remark(const std::string& key, Value what) {
  parts_.row.report[key] = std::move(what);
  machinery_.journal.save(parts_.row);
  static_cast<void>(machinery_.journal.commit());
}

Task<void> Run::main(Body body) {
  auto scope = machinery_.waist.root("0");
  Outcome outcome = co_await body(scope);
  if (was_killed(outcome)) machinery_.journal.decision("killed", {{"error", to_value(*outcome.error)}});
  auto end = machinery_.waist.root("end");
  if (outcome.ok()) outcome = co_await confirm_end(machinery_.stage(), end, &confirmed_);
  if (machinery_.journal.halted()) {
    finish("", 3, *machinery_.journal.halted(), Value());
    co_return;
  }
  if (outcome.ok()) {
    finish_succeeded(std::nullopt);
    co_return;
  }
  const Error why = *outcome.error;
  if (needs_operator_at_once(why)) {
    Value report = {{"hooks", effects::listed(machinery_.journal.hooks())}};
    finish("needs_operator", 3, why, std::move(report));
    co_return;
  }
  if (machinery_.guard.facts().committed) {
    Outcome ended = co_await confirm_end(machinery_.stage(), end, &confirmed_);
    if (ended.ok()) ended = co_await confirm_gone(machinery_.stage(), end);
    if (ended.ok()) {
      finish_succeeded(why);
    } else {
      Error stuck = *ended.error;
      if (!stuck.cause) stuck.cause = std::make_shared<const Error>(why);
      finish("needs_operator", 3, std::move(stuck), Value());
    }
    co_return;
  }
  co_await go_back(why, "rollback");
}

Task<void> Run::go_back(Error why, std::string branch) {
  auto& journal = machinery_.journal;
  machinery_.guard.facts().rolling_back = true;
  parts_.row.state = "rolling_back";
  Value reason = {{"error", to_value(why)}};
  journal.decision("roll back", reason);
  journal.save(parts_.row);
  journal.announce(Event("rolling_back", {{"reason", to_line(why)}, {"error", to_value(why)}}));
  auto scope = machinery_.waist.root(std::move(branch));
  Call call("rollback");
  Outcome outcome = co_await scope.perform(std::move(call));
  if (journal.halted()) {
    finish("", 3, *journal.halted(), Value());
    co_return;
  }
  const Value undone = outcome.value;
  if (outcome.ok()) outcome = co_await confirm_restored();
  // The release to go back to failed under traffic: the shares are as they were, and both versions want looking at.
  const bool target_failed =
      parts_.deployment.verb == "rollback" && machinery_.guard.facts().restorable && !interrupted_;
  if (outcome.ok() && !target_failed) {
    finish("rolled_back", interrupted_here_ ? 130 : 1, why, undone);
    co_return;
  }
  if (outcome.ok()) {
    finish("needs_operator", 3, target_not_well(parts_.deployment, why), undone);
    co_return;
  }
  Error stuck = *outcome.error;
  Value report = {{"hooks", stuck.evidence.is_object() ? stuck.evidence.value("hooks", Value()) : Value()}};
  if (!stuck.cause) stuck.cause = std::make_shared<const Error>(why);
  finish("needs_operator", 3, std::move(stuck), std::move(report));
}

// The hooks are done, and draining took its time: are the shares still what they shall be? A proxy that was restarted
// meanwhile is told again, also the shares that this run never touched; what somebody else has set stays, and is told.
Task<Outcome> Run::confirm_restored() {
  auto scope = machinery_.waist.root("restarted");
  Outcome nothing;
  if (parts_.deployment.first) co_return std::move(nothing);
  const auto& facts = machinery_.guard.facts();
  for (const auto& service : parts_.deployment.service_names()) {
    const auto found_first = facts.found.find(service);
    const Value recorded = parts_.state.shares.value(service, Value());
    if (parts_.deployment.proxied(service) == nullptr || recorded.is_null()) continue;
    Call get("proxy.get", {{"service", service}});
    Outcome view = co_await scope.perform(std::move(get));
    if (!view.ok()) continue;
    Weights wanted(recorded.value("blue", 0), recorded.value("green", 0));
    const bool as_recorded = steps::weights_in(view.value, "effective") == wanted;
    if (found_first != facts.found.end()) wanted = found_first->second;
    const auto found = steps::weights_in(view.value, "weights");
    if (as_recorded || steps::same_shares(found, wanted)) continue;
    const auto& known = facts.proxies.at(service);
    const auto since = known.told_any ? known.told_at_start : recorded.value("proxy_started", std::int64_t{0});
    const bool restarted = view.value["started"] != since;
    if (!restarted && found_first == facts.found.end()) continue;
    if (!restarted) {
      Outcome edited(steps::foreign_edit(service, found, wanted));
      co_return std::move(edited);
    }
    Event forgot("warning", {{"message", fmt::format("the proxy of {} was restarted and forgot its shares", service)}});
    scope.announce(std::move(forgot));
    Value shares = {{service, {{"blue", wanted.blue}, {"green", wanted.green}}}};
    Call restore("restore", {{"shares", std::move(shares)}});
    Outcome restored = co_await scope.perform(std::move(restore));
    if (!restored.ok()) co_return std::move(restored);
  }
  co_return std::move(nothing);
}

void Run::record_success() {
  const auto& deployment = parts_.deployment;
  const auto& facts = machinery_.guard.facts();
  auto state = parts_.state;
  state.live = deployment.to;
  state.colors[text_of(deployment.to)] = {{"release", deployment.next.release},
                                          {"version", deployment.next.version},
                                          {"run", parts_.row.id},
                                          {"hold_until", 0},
                                          {"adopted", deployment.next.adopted}};
  const auto from = text_of(deployment.from());
  const bool gone = facts.committed || facts.revivable || deployment.first;
  if (gone) state.colors.erase(from);
  if (!gone && state.colors.contains(from)) {
    state.colors[from]["hold_until"] = facts.hold_ms > 0 ? parts_.effects.now() + facts.hold_ms : 0;
    state.colors[from]["epoch"] = parts_.row.epoch;
  }
  state.shares = confirmed_;
  for (const auto& service : deployment.service_names()) {
    if (parts_.targets.contains(service)) state.targets[service] = parts_.targets[service];
    if (!gone || deployment.service(service, deployment.to) != nullptr) continue;
    state.targets.erase(service);
    state.shares.erase(service);
  }
  machinery_.journal.save(state);
  if (deployment.verb != "rollback") return;
  auto left = parts_.store.release(deployment.prior.release);
  if (!left || !*left) return;
  (*left)->rolled_back_from = true;
  machinery_.journal.save(**left);
}

void Run::finish_succeeded(const std::optional<Error>& warning) {
  record_success();
  Value report = Value::object();
  if (warning) report["warning"] = to_value(*warning);
  if (warning) machinery_.journal.announce(Event("warning", {{"message", warning->message}, {"code", warning->code}}));
  finish("succeeded", 0, std::nullopt, std::move(report));
}

// What the switches of this run cost the clients, service by service.
Value Run::tell_costs() {
  Value costs = Value::array();
  for (const auto& [service, proxy] : machinery_.guard.facts().proxies) {
    if (!proxy.told_any || proxy.cost.empty()) continue;
    auto message = fmt::format("the proxy of {}: {}", service, proxy.cost);
    machinery_.journal.announce(Event("warning", {{"message", message}}));
    costs.push_back(std::move(message));
  }
  return costs;
}

void Run::finish(const std::string& state, int exit, std::optional<Error> error, Value report) {
  const auto& deployment = parts_.deployment;
  auto& row = parts_.row;
  if (!report.is_object()) report = Value::object();
  if (error) report["error"] = to_value(*error);
  ending_.exit = exit;
  ending_.error = error;
  ending_.run = row.id;
  ending_.state = state;
  if (state.empty()) return;  // the store itself failed: nothing more can be recorded, `resume` goes on later
  if (auto costs = tell_costs(); !costs.empty()) report["costs"] = std::move(costs);
  const auto serves = state == "succeeded" ? deployment.to : deployment.from();
  row.state = state;
  row.exit = exit;
  row.ended = parts_.effects.now();
  report["serves"] =
      state == "needs_operator" ? last_seen(deployment, machinery_.guard.facts().proxies) : serving(deployment, serves);
  row.report = parts_.secrets.mask_all(report);
  if (release_) {
    release_->ended = state;
    machinery_.journal.save(*release_);
  }
  machinery_.journal.save(row);
  ending_.message = state == "needs_operator" ? "it needs an operator" : serving(deployment, serves);
  ending_.document = row.report;
  Value fields = {
      {"state", state}, {"exit", exit}, {"elapsed_ms", row.ended - row.started}, {"serves", report["serves"]}};
  if (error) fields["error"] = to_value(*error);
  if (report.contains("output")) fields["output"] = report["output"];
  machinery_.journal.announce(Event("ended", std::move(fields)));
  if (auto durable = machinery_.journal.commit(); !durable) {
    ending_.exit = 3;
    ending_.state = "";
    ending_.error = durable.error();
  }
}

}  // namespace shunt::deploy
