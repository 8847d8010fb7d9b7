// What a test's calls come to: worlds that are described, and deployments in them.
#pragma once

#include <deque>
#include <filesystem>

#include "simulate/subject.hpp"

namespace shunt::simulate {

/// The door of one test. Loop thread only.
class TestBench : public Performer {
 public:
  /// `folder` is the test file's. Everything outlives it.
  TestBench(TestFile& file, std::filesystem::path folder, const Registry& registry, ScriptRuntime& scripts,
            Coverage& coverage);

  Task<Outcome> perform(Call call) override;
  std::vector<std::unique_ptr<Performer>> split(std::size_t) override { return {}; }
  void cancel() override {}

  /// Of the last deployment, as `show` has it, with faults; null where there was none.
  const Value& timeline() const { return timeline_; }

 private:
  /// A world as far as the test has described it.
  struct Description {
    Setting setting;
    std::optional<App> app;
    std::uint64_t seed = 0;
    std::int64_t time = 0;  ///< at which the deployment begins, unix ms; 0: the world's first
    Faults faults;
    std::vector<std::pair<std::string, std::int64_t>> metrics;  ///< name and function
    std::string answer = "approve";
  };

  Outcome make(const Value& args);
  Outcome told(Description& world, const std::string& what, Value args);
  Outcome deploy(const Description& world, const Value& args);
  Result<std::optional<App>> app_of(const std::string& named);
  std::string strategy_at(const std::string& name, const std::optional<App>& app) const;
  void prepare(Trial& trial, const Description& world);

  TestFile& file_;
  std::filesystem::path folder_;
  const Registry& registry_;
  ScriptRuntime& scripts_;
  Coverage& coverage_;
  std::deque<Description> worlds_;  ///< by handle, from 1
  Value timeline_;
};

/// The file's invariants, as a trial watches them; a function that fails is a complaint, too.
std::vector<Invariant> invariants_of(TestFile& file);

/// "shift 50", "soak 1s": a composite that the script called, as a test names it.
std::string step_name(const std::string& verb, const Value& args);

}  // namespace shunt::simulate
