#include "deploy/test_rig.hpp"

#include <fmt/format.h>
#include <asio/co_spawn.hpp>

#include "deploy/confirm_end.hpp"

namespace shunt::deploy::test {

namespace {

Service service_of(const std::string& name, Colour colour, const std::string& version, int port) {
  Service service;
  service.name = name;
  service.runtime = "model";
  Place place;
  place.id = fmt::format("shop-{}-{}-0", name, name_of(colour));
  place.address = fmt::format("127.0.0.1:{}", port);
  place.config = Value::object();
  service.places = {place};
  service.health.type = "http";
  service.health.path = "/health";
  service.health.timeout_ms = 10'000;
  service.health.interval_ms = 1'000;
  SmokeTest smoke;
  smoke.name = name + " answers";
  smoke.path = "/";
  service.smoke = {smoke};
  service.proxy = "model";
  service.verify.url = fmt::format("http://{}.test/", name);
  service.verify.header = "X-Version";
  service.verify.equals = version;
  service.drain_ms = 5'000;
  return service;
}

Side side_of(const std::vector<std::string>& names, Colour colour, const std::string& version) {
  Side side;
  side.release = "release-" + version;
  side.version = version;
  int port = colour == Colour::blue ? 3000 : 4000;
  for (const auto& name : names) side.services.push_back(service_of(name, colour, version, port++));
  return side;
}

Task<Outcome> one_after_the_other(Scope scope, std::vector<Call> calls) {
  Outcome outcome;
  for (auto& call : calls) {
    outcome = co_await scope.perform(std::move(call));
    if (!outcome.ok()) break;
  }
  co_return std::move(outcome);
}

}  // namespace

Deployment two_versions(const std::vector<std::string>& services) {
  Deployment deployment;
  deployment.id = "this-run";
  deployment.app = "shop";
  deployment.to = Colour::green;
  deployment.next = side_of(services, Colour::green, "v2");
  deployment.prior = side_of(services, Colour::blue, "v1");
  return deployment;
}

Deployment first_version(const std::vector<std::string>& services) {
  auto deployment = two_versions(services);
  deployment.to = Colour::blue;
  deployment.first = true;
  deployment.next = side_of(services, Colour::blue, "v1");
  deployment.prior = side_of(services, Colour::green, "");
  deployment.prior.release = "";
  return deployment;
}

Gate gate(const std::string& name) {
  Gate gate;
  gate.name = name;
  gate.query = "the " + name;
  gate.max = 0.001;
  gate.interval_ms = 1'000;
  return gate;
}

Outcome measured(double value) {
  return Outcome(Value{{"state", "ok"}, {"value", value}});
}
Outcome measured(const std::string& state) {
  return Outcome(Value{{"state", state}});
}

Task<Result<std::string>> TestSecrets::read(Value) {
  Result<std::string> secret(std::string("hunter2"));
  co_return std::move(secret);
}

std::string TestSecrets::mask(std::string text) const {
  for (auto at = text.find("hunter2"); at != std::string::npos; at = text.find("hunter2")) text.replace(at, 7, "***");
  return text;
}

Value TestSecrets::mask_all(Value value) const {
  if (value.is_string()) return mask(value.get<std::string>());
  if (value.is_structured())
    for (auto& item : value) item = mask_all(std::move(item));
  return value;
}

Task<Result<Value>> TestSecrets::reveal(Value value) {
  Result<Value> same(std::move(value));
  co_return std::move(same);
}

Rig::Rig(Deployment given, store::Store* store)
    : deployment(std::move(given)),
      world(deployment),
      machinery(deployment, world, loop.get_executor(), store, *this, secrets) {}

Outcome Rig::run(Body body, const std::string& branch) {
  std::optional<Outcome> result;
  asio::co_spawn(machinery.turns.executor(), body(machinery.waist.root(branch)),
                 [&](std::exception_ptr failure, Outcome outcome) {
                   if (failure) std::rethrow_exception(failure);
                   result = std::move(outcome);
                 });
  machinery.turns.run();
  for (int left = 1'000'000; !result; --left) {
    loop.restart();
    loop.poll();
    if (result) break;
    if (left == 0) FAIL("it goes on for ever");
    if (!world.advance()) FAIL("it neither ended nor waits");
  }
  loop.restart();
  loop.poll();
  return std::move(*result);
}

Outcome Rig::perform(const std::string& verb, Value args) {
  const auto branch = fmt::format("t{}", branches_++);
  return run([&](Scope scope) { return scope.perform(Call(verb, std::move(args))); }, branch);
}

Outcome Rig::perform_all(const std::vector<Call>& calls) {
  return run([&](Scope scope) { return one_after_the_other(std::move(scope), calls); });
}

// As deploy/run.cpp ends a run.
Rig::End Rig::deploy(const std::vector<Call>& calls) {
  End end;
  Value confirmed = Value::object();
  const auto confirm = [&](Scope scope) { return confirm_end(machinery.stage(), std::move(scope), &confirmed); };
  Outcome outcome = perform_all(calls);
  if (outcome.ok()) outcome = run(confirm, "end");
  end.error = outcome.error;
  end.state = "succeeded";
  if (outcome.ok()) return end;
  end.state = "needs_operator";
  if (outcome.error->code == "SH1913") {
    end.hooks = effects::listed(machinery.journal.hooks());
    return end;
  }
  if (facts().committed) {
    Outcome ended = run(confirm, "end");
    if (ended.ok()) ended = run([&](Scope scope) { return confirm_gone(machinery.stage(), std::move(scope)); }, "gone");
    if (ended.ok()) end.state = "succeeded";
    if (!ended.ok()) end.error = ended.error;
    return end;
  }
  machinery.journal.decision("roll back", {{"error", to_value(*outcome.error)}});
  Outcome back = run([](Scope scope) { return scope.perform(Call("rollback")); }, "rollback");
  if (back.ok()) {
    end.state = "rolled_back";
    end.hooks = back.value["hooks"];
    return end;
  }
  end.error = back.error;
  end.hooks = back.error->evidence.is_object() ? back.error->evidence.value("hooks", Value::array()) : Value::array();
  return end;
}

std::vector<std::string> Rig::told(const std::string& name) const {
  std::vector<std::string> messages;
  for (const auto& event : events)
    if (event.name == name) messages.push_back(event.fields.value("message", to_text(event.fields)));
  return messages;
}

std::string code_of(const Outcome& outcome) {
  return outcome.ok() ? "" : outcome.error->code;
}

std::vector<Call> blue_green(std::int64_t soak_ms) {
  return {Call("run_checks"),
          Call("launch"),
          Call("await_healthy"),
          Call("smoke_test"),
          Call("shift", {{"percent", 100}}),
          Call("soak", {{"duration_ms", soak_ms}}),
          Call("retire_old", {{"hold_ms", 0}})};
}

std::vector<Call> gradual(const std::vector<int>& steps, std::int64_t soak_ms) {
  std::vector<Call> calls = {Call("run_checks"), Call("launch"), Call("await_healthy"), Call("smoke_test")};
  for (const int percent : steps) {
    calls.push_back(Call("shift", {{"percent", percent}}));
    calls.push_back(Call("soak", {{"duration_ms", soak_ms}}));
  }
  calls.push_back(Call("retire_old", {{"hold_ms", 0}}));
  return calls;
}

std::vector<Call> recreate(std::int64_t soak_ms) {
  return {Call("run_checks"),
          Call("stop_old"),
          Call("launch"),
          Call("await_healthy"),
          Call("smoke_test"),
          Call("shift", {{"percent", 100}}),
          Call("soak", {{"duration_ms", soak_ms}})};
}

}  // namespace shunt::deploy::test
