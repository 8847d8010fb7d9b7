#include "simulate/test_bench.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>

#include "effects/verbs.hpp"
#include "simulate/shrink.hpp"

namespace shunt::simulate {

namespace {

Error wrong(std::string message, std::string remedy) {
  return {"SH2103", Kind::script, std::move(message), std::move(remedy)};
}

Value traffic_of(int share_new, int share_old) {
  return {{"new", share_new}, {"old", share_old}};
}

Value at_moment(const Moment& moment) {
  return {{"elapsed", double(moment.elapsed_ms) / 1000}, {"traffic", traffic_of(moment.share_new, moment.share_old)}};
}

// "2027-01-19 09:30", in UTC, as unix ms.
std::optional<std::int64_t> moment_named(const std::string& text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  if (std::sscanf(text.c_str(), "%d-%u-%u %d:%d", &year, &month, &day, &hour, &minute) != 5) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  const auto time = Milliseconds(days + std::chrono::hours(hour) + std::chrono::minutes(minute)).count();
  constexpr std::int64_t first = model::Clock::first_moment + 3'600'000;
  return time < first ? std::nullopt : std::optional(time);
}

// What a metric's function returned.
Result<Reading> reading_in(const Value& returned, std::int64_t now) {
  const Value value = returned.empty() ? Value() : returned[0];
  if (value.is_number()) return model::number(value.get<double>(), now);
  if (value == "empty") return model::empty();
  if (value == "stale") return model::stale(now - 600'000);
  if (value == "nan") return model::number(std::numeric_limits<double>::quiet_NaN(), now);
  Error error("SH1601", Kind::adapter, "cannot reach the metrics provider", "check that it runs");
  error.retryable = value == "error";
  if (value != "error")
    error = wrong("a metric's function must return a number, \"nan\", \"empty\", \"stale\" or \"error\"",
                  "look at what it returns");
  return error;
}

// The composites that the script called, in order: branches of its own are "0", and "0/3.1" for what runs side by side.
Value steps_of(const std::vector<store::Entry>& journal) {
  Value steps = Value::array();
  for (const auto& entry : journal) {
    const auto* verb = effects::find_verb(entry.verb);
    const auto slash = entry.branch.rfind('/');
    const bool of_script = entry.branch == "0" || (entry.branch.starts_with("0/") && slash != std::string::npos &&
                                                   entry.branch.find('.', slash) != std::string::npos);
    const bool is_composite = verb != nullptr && verb->sort == effects::Sort::composite && entry.kind == "intent";
    const bool is_call = verb != nullptr && verb->sort == effects::Sort::primitive && entry.branch == "0" &&
                         entry.kind != "result" && entry.kind != "hook";
    if ((of_script && is_composite) || is_call) steps.push_back(step_name(entry.verb, entry.args));
  }
  return steps;
}

Value shown(const Violation& violation) {
  return fmt::format("{}: {}", violation.property, violation.what);
}

Value outcome_of(const Report& report, Trial& trial) {
  Value outcome = {{"state", report.ending.state},
                   {"exit", report.ending.exit},
                   {"traffic", traffic_of(report.shares[trial.world().deployment().to],
                                          report.shares[trial.world().deployment().from()])},
                   {"steps", steps_of(trial.store().journal())},
                   {"violations", Value::array()},
                   {"elapsed", double(report.elapsed_ms) / 1000},
                   {"calls", report.calls},
                   {"clients", {{"requests", report.requests}, {"failed", report.failed}}}};
  outcome["undone"] = Value::array();
  for (const auto& [name, performed] : report.undos)
    if (performed) outcome["undone"].push_back(name);
  for (const auto& violation : report.violations) outcome["violations"].push_back(shown(violation));
  if (report.ending.error) outcome["error"] = to_value(*report.ending.error);
  return outcome;
}

// What an invariant is given.
Value state_of(Trial& trial) {
  auto& world = trial.world();
  auto state = at_moment(world.moment());
  state["steps"] = world.steps();
  state["services"] = Value::object();
  for (const auto& [service, proxy] : world.machine.proxies) {
    const auto shares = world.machine.effective(service);
    auto& one = state["services"][service];
    one["traffic"] = traffic_of(shares[world.deployment().to], shares[world.deployment().from()]);
    one["ready"] = {{"new", world.machine.is_ready(service, world.deployment().to)},
                    {"old", world.machine.is_ready(service, world.deployment().from())}};
  }
  return state;
}

}  // namespace

std::string step_name(const std::string& verb, const Value& args) {
  std::string name = verb;
  const auto add = [&](const std::string& text) { name += " " + text; };
  if (args.contains("percent")) add(fmt::format("{}", args["percent"].get<int>()));
  if (args.contains("duration_ms")) add(to_text(Milliseconds(args["duration_ms"].get<std::int64_t>())));
  if (args.contains("blue") && args.contains("green"))
    add(fmt::format("{}/{}", args["blue"].get<int>(), args["green"].get<int>()));
  for (const char* key : {"question", "image", "as", "service", "color", "expression", "url"})
    if (args.contains(key) && args[key].is_string()) add(args[key].get<std::string>());
  for (const auto& word : args.value("argv", Value::array())) add(word.get<std::string>());
  return name;
}

std::vector<Invariant> invariants_of(TestFile& file) {
  std::vector<Invariant> invariants;
  for (const auto& one : file.invariants())
    invariants.push_back({one.name, [&file, function = one.function](Trial& trial) -> std::optional<std::string> {
                            const auto said = file.call(function, state_of(trial));
                            if (!said) return to_line(said.error());
                            if (!said->empty() && (*said)[0] == true) return std::nullopt;
                            return said->size() > 1 && (*said)[1].is_string() ? (*said)[1].get<std::string>()
                                                                              : "it does not hold";
                          }});
  return invariants;
}

TestBench::TestBench(TestFile& file, std::filesystem::path folder, const Registry& registry, ScriptRuntime& scripts,
                     Coverage& coverage)
    : file_(file), folder_(std::move(folder)), registry_(registry), scripts_(scripts), coverage_(coverage) {}

Task<Outcome> TestBench::perform(Call call) {
  Outcome outcome;
  const auto handle = call.args.value("handle", std::size_t{0});
  const auto what = call.verb.substr(call.verb.find('.') + 1);
  call.args.erase("handle");
  if (call.verb == "sim.world") {
    outcome = make(call.args);
  } else if (handle == 0 || handle > worlds_.size()) {
    outcome = wrong("this world is not one of this test's", "make it with sim.world in the test, or in before_each");
  } else if (what == "deploy") {
    outcome = deploy(worlds_[handle - 1], call.args);
  } else {
    outcome = told(worlds_[handle - 1], what, std::move(call.args));
  }
  if (outcome.error && outcome.error->where.file.empty()) outcome.error->where = call.where;
  co_return std::move(outcome);
}

Result<std::optional<App>> TestBench::app_of(const std::string& named) {
  if (!named.empty()) return app_for(folder_ / named, registry_, scripts_);
  for (auto folder = folder_;; folder = folder.parent_path()) {
    if (std::filesystem::is_regular_file(folder / "shunt.lua"))
      return app_for(folder / "shunt.lua", registry_, scripts_);
    if (folder == folder.parent_path()) return std::optional<App>();
  }
}

Outcome TestBench::make(const Value& args) {
  Description world;
  world.setting.version = args.value("version", world.setting.version);
  world.setting.previous = args.value("previous", world.setting.previous);
  world.setting.first = args.value("first", false);
  world.seed = args.value("seed", std::uint64_t{0});
  if (args.contains("time")) {
    const auto time = moment_named(args["time"].get<std::string>());
    if (!time)
      return wrong(fmt::format("'{}' is no time of a world", args["time"].get<std::string>()),
                   "write it like \"2027-01-19 09:30\", in UTC, and not before 2027-01-15 09:00");
    world.time = *time;
  }
  auto app = app_of(args.value("app", ""));
  if (!app) return app.error();
  world.app = std::move(*app);
  worlds_.push_back(std::move(world));
  return Outcome(Value{{"handle", worlds_.size()}});
}

Outcome TestBench::told(Description& world, const std::string& what, Value args) {
  if (what == "advance")
    return wrong("a test's time goes by in its deployments only", "say when something happens: { at = \"30s\" }");
  if (what == "metric" && args.contains("function")) {
    world.metrics.emplace_back(args["name"].get<std::string>(), args["function"].get<std::int64_t>());
  } else if (what == "answer") {
    world.answer = args["answer"] == "nothing" ? "" : args["answer"].get<std::string>();
  } else {
    world.faults.emplace_back(what, std::move(args));
  }
  return Outcome();
}

// A file beside the test, or one below the app file's folder, or a bundled strategy.
std::string TestBench::strategy_at(const std::string& name, const std::optional<App>& app) const {
  const auto beside = folder_ / name;
  if (!name.ends_with(".lua") || !std::filesystem::is_regular_file(beside)) return name;
  const std::filesystem::path base = app ? std::filesystem::path(app->folder) : std::filesystem::current_path();
  const auto relative = std::filesystem::absolute(beside).lexically_normal().lexically_relative(base);
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.string() : std::filesystem::absolute(beside).lexically_normal().string();
}

void TestBench::prepare(Trial& trial, const Description& world) {
  for (const auto& [name, function] : world.metrics)
    trial.world().metric(name, [this, &trial, function = function](const Moment& moment) -> Result<Reading> {
      auto returned = file_.call(function, at_moment(moment));
      if (!returned) return returned.error();
      return reading_in(*returned, trial.world().machine.clock.now());
    });
  if (world.time > 0) trial.world().go_to(world.time);
  trial.world().answer = world.answer;
}

Outcome TestBench::deploy(const Description& world, const Value& args) {
  const auto options = args.value("options", Value::object());
  const auto strategy = strategy_at(args.value("strategy", ""), world.app);
  auto subject = make_subject(world.app, strategy, options, world.setting, scripts_);
  if (!subject) return subject.error();
  subject->invariants = invariants_of(file_);
  Trial trial(*subject, world.faults, world.seed);
  prepare(trial, world);
  const auto report = trial.run();
  timeline_ = timeline_of(trial);
  for (const auto& [file, lines] : *subject->coverage)
    for (const auto& [line, hits] : lines) coverage_[file][line] += hits;
  return Outcome(outcome_of(report, trial));
}

}  // namespace shunt::simulate
