// A strategy: loaded, its declared options asked for, and run in front of a world that answers at once and soon calls
// it off.
#include "fuzz/target.hpp"
#include "vm/recorder.hpp"

namespace shunt::fuzz {

namespace {

constexpr const char* name = "fuzz.lua";
constexpr std::size_t most_calls = 100;

ScriptRuntime& runtime() {
  static const auto scripts = lua::make_runtime({});
  return *scripts;
}

// Low enough that an endless loop costs no more than a long text.
ScriptLimits limits() {
  ScriptLimits low;
  low.instructions = 1'000'000;
  low.memory = 16 * 1024 * 1024;
  low.stuck = [] { expect(false, "a script comes back within twice its time"); };
  return low;
}

Outcome answer_to(const Call& call, std::size_t made) {
  if (made > most_calls) {
    Error off("SH1902", Kind::cancelled, "called off");
    off.control = true;
    return Outcome(off);
  }
  if (call.verb == "launch") return Outcome(Value{{"color", "green"}});
  if (call.verb == "clock.now" || call.verb == "random.number") return Outcome(Value(0.5));
  if (call.verb == "gate") return Outcome(Error("SH1701", Kind::gate, "too many errors"));
  return Outcome();
}

void run(Script& script, Value options) {
  lua::test::Recorder world;
  world.answer = [&](const Call& call) { return answer_to(call, world.calls.size()); };
  const auto performer = world.root();
  const Value deploy = {{"app", "shop"},  {"id", "d1"},      {"version", "v2"},           {"previous_version", "v1"},
                        {"live", "blue"}, {"idle", "green"}, {"services", {"api", "web"}}};
  const auto outcome = world.run(script.run(*performer, deploy, std::move(options)));
  if (!outcome.error) return;
  expect(!outcome.error->code.empty(), "an error has a code");
  expect(!to_paragraph(*outcome.error).empty(), "an error can be printed");
}

}  // namespace

void take(std::string_view input) {
  const auto files = files_in(input, name);
  const auto find = [&](const std::string& file) {
    const auto found = files.find(file);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  const auto script = runtime().load_strategy(name, find, limits());
  if (!script) {
    expect(!script.error().code.empty() && !to_paragraph(script.error()).empty(), "an error can be printed");
    return;
  }
  auto options = (*script)->options(Value::object());
  expect(bool(options), "declared defaults fit their types");
  run(**script, std::move(*options));
}

}  // namespace shunt::fuzz
