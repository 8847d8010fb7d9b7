#include "simulate/swarm.hpp"

#include <algorithm>
#include <array>
#include <random>

namespace shunt::simulate {

namespace {

constexpr std::array<const char*, 5> call_errors = {"refused", "unreachable", "timeout", "reply lost", "late"};
constexpr std::array<const char*, 5> cuts = {"before intent", "after intent", "reply lost", "before commit",
                                             "after commit"};
constexpr std::array<const char*, 5> readings = {"breach", "empty", "nan", "stale", "error"};
constexpr std::array<const char*, 4> groups = {"proxy", "metrics", "instances", "probe"};
constexpr std::array<std::int64_t, 5> times = {500, 2'000, 10'000, 60'000, 600'000};

/// Chance, alike everywhere: what the standard library makes of a generator's numbers differs between libraries.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}

  int below(int limit) { return limit <= 1 ? 0 : static_cast<int>(random_() % static_cast<std::uint64_t>(limit)); }
  bool once_in(int n) { return below(n) == 0; }
  template <typename List>
  const auto& one_of(const List& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }

 private:
  std::mt19937_64 random_;
};

/// Makes one fault of a kind.
class Draw {
 public:
  Draw(const Deployment& deployment, const Course& course, Dice& dice)
      : deployment_(deployment), course_(course), dice_(dice), services_(deployment.service_names()) {
    for (const auto& [verb, count] : course.verbs) verbs_.push_back(verb);
  }

  Fault of(const std::string& kind) {
    Fault fault(kind);
    auto& args = fault.args;
    if (kind == "fail" || kind == "delay") at_a_call(kind, args);
    if (kind == "down") down(args);
    if (kind == "crash") crash(args);
    if (kind == "metric") metric(args);
    if (kind == "kill" || kind == "crash_loop" || kind == "slow_start" || kind == "sicken") instance(kind, args);
    if (kind == "restart_proxy" || kind == "set_weights") proxy(kind, args);
    if (kind == "abort") moment(args);
    return fault;
  }

 private:
  void moment(Value& args) {
    if (dice_.once_in(2))
      args["after_step"] = dice_.below(course_.steps + 1);
    else
      args["at_ms"] =
          round(dice_.below(static_cast<int>(std::min<std::int64_t>(course_.elapsed_ms, 1'000'000'000)) + 1));
  }

  // A time that reads well.
  static std::int64_t round(std::int64_t ms) { return ms > 2'000 ? ms / 500 * 500 : ms / 50 * 50; }

  void service(Value& args) {
    if (services_.size() > 1) args["service"] = dice_.one_of(services_);
  }

  void at_a_call(const std::string& kind, Value& args) {
    if (verbs_.empty()) return;
    const auto& verb = dice_.one_of(verbs_);
    args["verb"] = verb;
    args["nth"] = 1 + dice_.below(course_.verbs.at(verb));
    if (dice_.once_in(3)) args["times"] = 1 + dice_.below(4);
    if (kind == "fail")
      args["error"] = dice_.one_of(call_errors);
    else
      args["by_ms"] = times[static_cast<std::size_t>(dice_.below(3))];
  }

  void down(Value& args) {
    args["what"] = dice_.one_of(groups);
    args["duration_ms"] = dice_.one_of(times);
    args["at_ms"] = round(dice_.below(static_cast<int>(course_.elapsed_ms) + 1));
  }

  void crash(Value& args) {
    if (dice_.once_in(2)) {
      args["before_call"] = 1 + dice_.below(course_.calls);
    } else {
      args["step"] = 1 + dice_.below(course_.steps);
      args["cut"] = dice_.one_of(cuts);
    }
    if (dice_.once_in(3)) args["away_ms"] = dice_.one_of(times);
  }

  void metric(Value& args) {
    if (deployment_.gates.empty()) return;
    args["name"] = dice_.one_of(deployment_.gates).name;
    args["reading"] = dice_.one_of(readings);
    if (dice_.once_in(2)) args["from_share"] = dice_.below(101);
    if (dice_.once_in(3)) args["during_ms"] = dice_.one_of(times);
    moment(args);
  }

  void instance(const std::string& kind, Value& args) {
    service(args);
    if (!deployment_.first && dice_.once_in(3)) args["side"] = "old";
    if (kind == "slow_start") args["takes_ms"] = dice_.one_of(times);
    if (kind == "crash_loop") args["life_ms"] = times[static_cast<std::size_t>(dice_.below(4))];
    if (kind != "slow_start") moment(args);
  }

  void proxy(const std::string& kind, Value& args) {
    service(args);
    moment(args);
    if (kind != "set_weights") return;
    args["old"] = dice_.below(11) * 10;
    args["new"] = dice_.below(11) * 10;
  }

  const Deployment& deployment_;
  const Course& course_;
  Dice& dice_;
  std::vector<std::string> services_;
  std::vector<std::string> verbs_;
};

bool has(const std::vector<std::string>& kinds, const char* kind) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

Faults draw(const Deployment& deployment, const Course& course, const std::vector<std::string>& kinds,
            std::uint64_t seed) {
  constexpr int most = 4;
  Dice dice(seed);
  std::vector<std::string> chosen;
  for (const auto& kind : kinds)
    if (dice.once_in(2)) chosen.push_back(kind);
  Faults faults;
  if (chosen.empty()) return faults;
  Draw draw(deployment, course, dice);
  const int count = dice.below(most + 1);
  for (int i = 0; i < count; ++i) faults.push_back(draw.of(dice.one_of(chosen)));
  return faults;
}

std::vector<Fault> every_crash(const Course& course) {
  std::vector<Fault> all;
  for (int step = 1; step <= course.steps; ++step)
    for (const auto* cut : cuts) all.emplace_back("crash", Value{{"step", step}, {"cut", cut}});
  for (int call = 1; call <= course.calls; ++call) all.emplace_back("crash", Value{{"before_call", call}});
  return all;
}

std::vector<Fault> every_fault(const Deployment& deployment, const Course& course,
                               const std::vector<std::string>& kinds) {
  std::vector<Fault> all;
  if (has(kinds, "fail"))
    for (const auto& [verb, count] : course.verbs)
      for (int nth = 1; nth <= count; ++nth)
        for (const auto* error : call_errors)
          all.emplace_back("fail", Value{{"verb", verb}, {"nth", nth}, {"error", error}});
  if (has(kinds, "crash"))
    for (auto& crash : every_crash(course)) all.push_back(std::move(crash));
  for (int step = 0; step <= course.steps; ++step) {
    for (const auto& service : deployment.service_names()) {
      for (const char* kind : {"kill", "sicken", "crash_loop"})
        for (const char* side : {"new", "old"})
          if (has(kinds, kind) && !(deployment.first && std::string(side) == "old"))
            all.emplace_back(kind, Value{{"after_step", step}, {"service", service}, {"side", side}});
      if (has(kinds, "restart_proxy"))
        all.emplace_back("restart_proxy", Value{{"after_step", step}, {"service", service}});
      if (has(kinds, "set_weights"))
        all.emplace_back("set_weights", Value{{"after_step", step}, {"service", service}, {"old", 50}, {"new", 50}});
    }
    if (has(kinds, "abort")) all.emplace_back("abort", Value{{"after_step", step}});
    for (const auto& gate : deployment.gates)
      for (const auto* reading : readings)
        if (has(kinds, "metric"))
          all.emplace_back("metric", Value{{"after_step", step}, {"name", gate.name}, {"reading", reading}});
  }
  return all;
}

}  // namespace shunt::simulate
