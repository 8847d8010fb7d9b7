// A file of tests in one Lua state.
#pragma once

#include "vm/evaluate.hpp"

namespace shunt::lua {

class LoadedTests final : public TestFile {
 public:
  static Result<std::unique_ptr<TestFile>> load(std::string name, ReadFile files, ScriptLimits limits,
                                                Watchdog& watchdog);

  LoadedTests(ReadFile files, ScriptLimits limits, Watchdog& watchdog);

  const std::vector<Test>& tests() const override { return tests_; }
  const std::vector<Invariant>& invariants() const override { return invariants_; }
  Task<Outcome> run(std::size_t index, Performer& performer) override;
  Result<Value> call(std::int64_t function, Value argument) override;

 private:
  std::optional<Error> evaluate(const std::string& name);
  void read_kept();
  Task<Outcome> run_kept(std::int64_t function, Performer* performer);

  Loader loader_;
  State state_;
  std::vector<Test> tests_;
  std::vector<std::int64_t> functions_;  ///< of the tests
  std::vector<std::int64_t> before_each_;
  std::vector<Invariant> invariants_;
};

}  // namespace shunt::lua
