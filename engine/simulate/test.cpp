// The verb `test`: files of Lua tests, in virtual time.
#include <fmt/format.h>
#include <algorithm>
#include <asio/co_spawn.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <set>

#include "deploy/load.hpp"
#include "simulate/test_bench.hpp"

namespace shunt {

using namespace simulate;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

constexpr const char* suffix = "_test.lua";

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  std::error_code none;
  auto options = std::filesystem::directory_options::skip_permission_denied;
  for (auto entry = std::filesystem::recursive_directory_iterator(folder, options, none);
       !none && entry != std::filesystem::recursive_directory_iterator(); entry.increment(none)) {
    const auto name = entry->path().filename().string();
    if (entry->is_directory(none) && name.starts_with(".")) entry.disable_recursion_pending();
    if (entry->is_regular_file(none) && name.ends_with(suffix)) files.push_back(entry->path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Result<std::vector<std::filesystem::path>> files_in(const TestRequest& request) {
  std::vector<std::filesystem::path> files;
  auto paths = request.paths;
  const auto app = deploy::find_app_file(request.app_file);
  if (!app && !request.app_file.empty()) return app.error();
  if (paths.empty()) paths.push_back(app ? app->parent_path() : std::filesystem::current_path());
  std::error_code none;
  for (const auto& path : paths) {
    if (std::filesystem::is_directory(path, none)) {
      const auto below = files_below(path);
      files.insert(files.end(), below.begin(), below.end());
    } else if (std::filesystem::is_regular_file(path, none)) {
      files.push_back(path);
    } else {
      return Error("SH2104", Kind::config, fmt::format("there is no test {}", path.string()),
                   "name a file, or a folder that has files whose names end in _test.lua");
    }
  }
  if (files.empty())
    return Error("SH2104", Kind::config, fmt::format("there is no test below {}", paths.front().string()),
                 "write one beside the strategy: its name ends in _test.lua");
  return files;
}

Outcome run_one(TestFile& file, std::size_t index, TestBench& bench) {
  asio::io_context loop{1};
  Outcome outcome;
  std::exception_ptr failure;
  asio::co_spawn(loop, file.run(index, bench), [&](std::exception_ptr thrown, Outcome came) {
    failure = thrown;
    outcome = std::move(came);
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return outcome;
}

std::string seen_from_here(const std::filesystem::path& path) {
  const auto here = std::filesystem::current_path();
  const auto relative = std::filesystem::absolute(path).lexically_normal().lexically_relative(here);
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.string() : std::filesystem::absolute(path).lexically_normal().string();
}

/// Runs files and gathers what came of them.
class Runner {
 public:
  Runner(const TestRequest& request, const Registry& registry, ScriptRuntime& scripts)
      : request_(request), registry_(registry), scripts_(scripts) {}

  void run(const std::filesystem::path& path) {
    const auto name = seen_from_here(path);
    const auto here = std::filesystem::current_path();
    auto file = scripts_.load_tests(name, deploy::files_in(here, name), ScriptLimits());
    Value about = {{"file", name}, {"tests", Value::array()}};
    if (!file) {
      about["error"] = to_value(file.error());
      ++failed_;
    } else {
      const auto folder = std::filesystem::absolute(path).lexically_normal().parent_path();
      for (std::size_t i = 0; i < (*file)->tests().size(); ++i) about["tests"].push_back(run_test(**file, i, folder));
      std::erase_if(about["tests"].get_ref<Value::array_t&>(), [](const Value& one) { return one.is_null(); });
    }
    files_.push_back(std::move(about));
  }

  Value document() const {
    Value covered = Value::object();
    for (const auto& [file, lines] : coverage_) {
      Value missed = Value::array();
      for (const auto& [line, hits] : lines)
        if (hits == 0) missed.push_back(line);
      covered[file] = {{"lines", lines.size()}, {"missed", std::move(missed)}};
    }
    return {{"files", files_}, {"passed", passed_}, {"failed", failed_}, {"coverage", std::move(covered)}};
  }

  bool fine() const { return failed_ == 0; }
  int count() const { return passed_ + failed_; }

 private:
  Value run_test(TestFile& file, std::size_t index, const std::filesystem::path& folder) {
    const auto& test = file.tests()[index];
    if (test.name.find(request_.filter) == std::string::npos) return nullptr;
    TestBench bench(file, folder, registry_, scripts_, coverage_);
    const auto began = std::chrono::steady_clock::now();
    const auto outcome = run_one(file, index, bench);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    ++(outcome.ok() ? passed_ : failed_);
    Value result = {{"name", test.name},
                    {"file", test.where.file},
                    {"line", test.where.line},
                    {"ok", outcome.ok()},
                    {"seconds", took.count()}};
    if (outcome.ok()) return result;
    result["error"] = to_value(*outcome.error);
    result["timeline"] = bench.timeline();
    return result;
  }

  const TestRequest& request_;
  const Registry& registry_;
  ScriptRuntime& scripts_;
  Coverage coverage_;
  Value files_ = Value::array();
  int passed_ = 0;
  int failed_ = 0;
};

}  // namespace

Ending Engine::test(const TestRequest& request) {
  const auto files = ::shunt::files_in(request);
  if (!files) return Ending(2, files.error());
  Runner runner(request, registry_, scripts_);
  for (const auto& file : *files) runner.run(file);
  if (runner.count() == 0)
    return Ending(2, Error("SH2104", Kind::config, fmt::format("no test's name contains '{}'", request.filter),
                           "leave --filter out to see their names"));
  Ending ending(runner.fine() ? 0 : 1);
  ending.document = runner.document();
  return ending;
}

}  // namespace shunt
