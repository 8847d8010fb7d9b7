#include <doctest/doctest.h>

#include <fmt/format.h>
#include <algorithm>

#include "adapters/conformance/runtime_suite.hpp"

namespace shunt::conformance {

namespace {

constexpr const char* blue = "shop-web-blue-0";
constexpr const char* green = "shop-web-green-0";

/// A machine on which one thing happens after the other.
class Story {
 public:
  explicit Story(RuntimeBench& bench) : bench_(bench) {}

  std::string start(const std::string& id, Behaviour behaviour, const std::string& version, const std::string& run) {
    auto spec = bench_.spec(behaviour, id);
    spec.labels.version = version;
    spec.labels.run = run;
    specs_[id] = spec;
    return start(spec);
  }

  std::string start_again(const std::string& id) { return start(specs_.at(id)); }

  std::string start_other(const std::string& id, const std::string& version, const std::string& run) {
    auto spec = specs_.at(id);
    spec.labels.version = version;
    spec.labels.run = run;
    return start(spec);
  }

  std::string stop(const std::string& id) { return answer(bench_.run(bench_.runtime().stop(id, Milliseconds(2'000)))); }

  std::string adopt(const std::string& id) { return answer(bench_.run(bench_.runtime().adopt(specs_.at(id), false))); }

  std::string disown(const std::string& id) { return answer(bench_.run(bench_.runtime().disown(id))); }

  std::string crash(const std::string& id) {
    bench_.crash(id);
    return "";
  }

  std::string stranger_comes(const std::string& id) {
    stranger_ = bench_.stranger(specs_.at(id).address);
    return "";
  }

  std::string stranger_goes() {
    stranger_.reset();
    return "";
  }

  /// What is compared: every instance, and who listens where one was wanted.
  std::string seen() {
    auto listed = bench_.run(bench_.runtime().list("shop"));
    if (!listed) return listed.error().code;
    std::string line;
    for (const auto& one : *listed)
      line += fmt::format("{} {} {} {}{} restarts {} exit {}; ", one.id, one.labels.version, one.labels.run, one.state,
                          one.adopted ? " adopted" : "", std::min(one.restarts, 2),
                          one.exit_code ? std::to_string(*one.exit_code) : "none");
    for (const auto& [id, spec] : specs_) {
      const auto listener = bench_.run(bench_.runtime().listener(id, spec.address));
      line += !listener ? listener.error().code : listener->ours ? "ours" : listener->present ? "foreign" : "nobody";
      line += ' ';
    }
    line.pop_back();
    return line;
  }

 private:
  template <typename T>
  static std::string answer(const Result<T>& result) {
    return result ? "ok" : result.error().code;
  }

  std::string start(const InstanceSpec& spec) { return answer(bench_.run(bench_.runtime().ensure(spec))); }

  RuntimeBench& bench_;
  std::map<std::string, InstanceSpec> specs_;  ///< wanted last, by id
  std::shared_ptr<void> stranger_;
};

struct Step {
  std::string name;
  std::string (*act)(Story&);  ///< gives "ok", a code, or "" for what the world does
  std::string answered;
  std::string recorded;
};

/// Recorded from processes under shunt-supervise.
const std::vector<Step>& recorded_steps() {
  using B = Behaviour;
  static const std::vector<Step> steps = {
      {"blue starts", [](Story& s) { return s.start(blue, B::serves, "v1", "run-1"); }, "ok",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours"},
      {"once more", [](Story& s) { return s.start_again(blue); }, "ok",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours"},
      {"as another version", [](Story& s) { return s.start_other(blue, "v2", "run-1"); }, "SH1402",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours"},
      {"by another run", [](Story& s) { return s.start_other(blue, "v1", "run-2"); }, "SH1402",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours"},
      {"blue crashes", [](Story& s) { return s.crash(blue); }, "",
       "shop-web-blue-0 v1 run-1 running restarts 1 exit 137; ours"},
      {"blue crashes again", [](Story& s) { return s.crash(blue); }, "",
       "shop-web-blue-0 v1 run-1 running restarts 2 exit 137; ours"},
      {"green starts, deaf", [](Story& s) { return s.start(green, B::prints, "v2", "run-2"); }, "ok",
       "shop-web-blue-0 v1 run-1 running restarts 2 exit 137; shop-web-green-0 v2 run-2 running restarts 0 exit none; "
       "ours nobody"},
      {"blue stops", [](Story& s) { return s.stop(blue); }, "ok",
       "shop-web-green-0 v2 run-2 running restarts 0 exit none; nobody nobody"},
      {"and again", [](Story& s) { return s.stop(blue); }, "ok",
       "shop-web-green-0 v2 run-2 running restarts 0 exit none; nobody nobody"},
      {"green stops", [](Story& s) { return s.stop(green); }, "ok", "nobody nobody"},
      {"green cannot start", [](Story& s) { return s.start(green, B::cannot_start, "v2", "run-2"); }, "SH1401",
       "nobody nobody"},
      {"green ends at once, for good", [](Story& s) { return s.start(green, B::ends_for_good, "v2", "run-2"); }, "ok",
       "shop-web-green-0 v2 run-2 exited restarts 0 exit 3; nobody nobody"},
      {"once more", [](Story& s) { return s.start_again(green); }, "ok",
       "shop-web-green-0 v2 run-2 exited restarts 0 exit 3; nobody nobody"},
      {"by another run", [](Story& s) { return s.start_other(green, "v3", "run-3"); }, "ok",
       "shop-web-green-0 v3 run-3 exited restarts 0 exit 3; nobody nobody"},
      {"green stops", [](Story& s) { return s.stop(green); }, "ok", "nobody nobody"},
      {"green goes round in circles", [](Story& s) { return s.start(green, B::ends_at_once, "v3", "run-3"); }, "ok",
       "shop-web-green-0 v3 run-3 restarting restarts 2 exit 3; nobody nobody"},
      {"by another run", [](Story& s) { return s.start_other(green, "v4", "run-4"); }, "SH1402",
       "shop-web-green-0 v3 run-3 restarting restarts 2 exit 3; nobody nobody"},
      {"green stops", [](Story& s) { return s.stop(green); }, "ok", "nobody nobody"},
      {"nobody is there to adopt", [](Story& s) { return s.adopt(blue); }, "SH1407", "nobody nobody"},
      {"a stranger comes", [](Story& s) { return s.stranger_comes(blue); }, "", "foreign nobody"},
      {"he is adopted", [](Story& s) { return s.adopt(blue); }, "ok",
       "shop-web-blue-0 v1 run-1 running adopted restarts 0 exit none; ours nobody"},
      {"once more", [](Story& s) { return s.adopt(blue); }, "ok",
       "shop-web-blue-0 v1 run-1 running adopted restarts 0 exit none; ours nobody"},
      {"his name is wanted", [](Story& s) { return s.start_again(blue); }, "SH1402",
       "shop-web-blue-0 v1 run-1 running adopted restarts 0 exit none; ours nobody"},
      {"he stops", [](Story& s) { return s.stop(blue); }, "ok",
       "shop-web-blue-0 v1 run-1 running adopted restarts 0 exit none; ours nobody"},
      {"he is disowned", [](Story& s) { return s.disown(blue); }, "ok", "foreign nobody"},
      {"he goes", [](Story& s) { return s.stranger_goes(); }, "", "nobody nobody"},
      {"blue starts", [](Story& s) { return s.start_again(blue); }, "ok",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours nobody"},
      {"blue is not disowned", [](Story& s) { return s.disown(blue); }, "ok",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours nobody"},
      {"blue is not adopted", [](Story& s) { return s.adopt(blue); }, "SH1402",
       "shop-web-blue-0 v1 run-1 running restarts 0 exit none; ours nobody"},
  };
  return steps;
}

}  // namespace

void check_runtime_trace(const MakeBench& make_bench) {
  const auto bench = make_bench();
  Story story(*bench);
  for (const auto& step : recorded_steps()) {
    INFO("step: " << step.name);
    CHECK(step.act(story) == step.answered);
    std::string line;
    bench->eventually([&] {
      line = story.seen();
      return line == step.recorded;
    });
    CHECK(line == step.recorded);
  }
}

}  // namespace shunt::conformance
