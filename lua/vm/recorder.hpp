// For tests: a world that records every Call, answers it at a time of its own, and delivers one outcome at a time.
#pragma once

#include <fmt/format.h>
#include <asio/any_io_executor.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/use_awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime.hpp"
#include "shunt/script.hpp"

namespace shunt::lua::test {

/// Virtual time: a clock.sleep is answered when it is over, everything else at once, both only when all branches wait.
class Recorder {
 public:
  /// What a Call is answered with; by default nothing.
  std::function<Outcome(const Call&)> answer = [](const Call&) { return Outcome(); };

  /// "verb {args}" of every Call in the order in which they were made, with the branch in front unless it is the
  /// root's.
  std::vector<std::string> calls;
  std::vector<Where> places;

  std::unique_ptr<Performer> root() { return std::make_unique<Branch>(this, ""); }

  /// Runs `task` to its end.
  Outcome run(Task<Outcome> task);

  std::size_t waiting() const { return pending_.size(); }

 private:
  struct Pending {
    std::string branch;
    Outcome outcome;
    std::function<void(Outcome)> resume;
  };

  class Branch final : public Performer {
   public:
    Branch(Recorder* recorder, std::string path) : recorder_(recorder), path_(std::move(path)) {}
    Task<Outcome> perform(Call call) override { return recorder_->perform(path_, std::move(call)); }
    std::vector<std::unique_ptr<Performer>> split(std::size_t count) override {
      std::vector<std::unique_ptr<Performer>> branches;
      const int fork = forks_++;
      for (std::size_t i = 0; i < count; ++i)
        branches.push_back(std::make_unique<Branch>(recorder_, fmt::format("{}/{}.{}", path_, fork, i + 1)));
      return branches;
    }
    void cancel() override { recorder_->cancel(path_); }

   private:
    Recorder* recorder_;
    std::string path_;
    int forks_ = 0;
  };

  struct Start {
    Recorder* recorder;
    std::string branch;
    Outcome outcome;
    std::int64_t due;
    template <typename Handler>
    void operator()(Handler handler) {
      auto kept = std::make_shared<Handler>(std::move(handler));
      recorder->pending_.emplace(
          due, Pending{branch, outcome, [kept](Outcome given) { std::move (*kept)(std::move(given)); }});
    }
  };

  Task<Outcome> perform(std::string branch, Call call) {
    calls.push_back((branch.empty() ? "" : branch + " ") + call.verb + " " + to_text(call.args));
    places.push_back(call.where);
    if (is_cancelled(branch)) co_return Outcome(cancelled_error());
    const std::int64_t due = now_ + (call.verb == "clock.sleep" ? call.args.value("duration_ms", 0) : 0);
    Start start{this, branch, answer(call), due};
    auto outcome =
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Outcome)>(start, asio::use_awaitable);
    co_return outcome;
  }

  static Error cancelled_error() {
    Error error("SH1902", Kind::cancelled, "cancelled");
    error.control = true;
    return error;
  }

  bool is_cancelled(const std::string& branch) const {
    for (const auto& one : cancelled_)
      if (branch.starts_with(one)) return true;
    return false;
  }

  void cancel(const std::string& branch) {
    calls.push_back(branch + " cancelled");
    cancelled_.push_back(branch);
    std::vector<Pending> moved;
    for (auto it = pending_.begin(); it != pending_.end();) {
      if (it->second.branch.starts_with(branch)) {
        moved.push_back(std::move(it->second));
        it = pending_.erase(it);
      } else {
        ++it;
      }
    }
    for (auto& one : moved) {
      one.outcome = Outcome(cancelled_error());
      pending_.emplace(now_, std::move(one));
    }
  }

  asio::io_context loop_;
  std::int64_t now_ = 0;
  std::multimap<std::int64_t, Pending> pending_;
  std::vector<std::string> cancelled_;
};

inline Outcome Recorder::run(Task<Outcome> task) {
  Outcome result(Error("TEST", Kind::script, "the script neither ended nor waits"));
  asio::co_spawn(loop_, std::move(task), [&result](std::exception_ptr exception, Outcome outcome) {
    if (exception) std::rethrow_exception(exception);
    result = std::move(outcome);
  });
  loop_.restart();
  loop_.poll();
  while (!pending_.empty()) {
    auto next = std::move(pending_.begin()->second);
    now_ = pending_.begin()->first;
    pending_.erase(pending_.begin());
    next.resume(std::move(next.outcome));
    loop_.restart();
    loop_.poll();
  }
  return result;
}

/// One strategy, run in front of a Recorder.
class Play {
 public:
  explicit Play(ScriptLimits limits = {}) : limits(std::move(limits)) {}

  /// Loads `text` as "test.lua".
  std::optional<Error> load(const std::string& text) {
    files["test.lua"] = text;
    auto loaded = runtime->load_strategy("test.lua", reader(), limits);
    if (!loaded) return std::move(loaded).error();
    script = std::move(*loaded);
    return std::nullopt;
  }

  /// Loads a strategy whose `run` has this body, which begins in line 1, and runs it.
  Outcome run(const std::string& body) {
    if (auto error = load("return { api = 1, summary = 'test', run = function(deploy, options) " + body + "\nend }"))
      return Outcome(*error);
    return go();
  }

  Outcome go(Value options = Value::object()) {
    const Value deploy = {{"app", "shop"},  {"id", "d1"},      {"version", "v2"},           {"previous_version", "v1"},
                          {"live", "blue"}, {"idle", "green"}, {"services", {"api", "web"}}};
    performer = recorder.root();
    return recorder.run(script->run(*performer, deploy, std::move(options)));
  }

  ReadFile reader() {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = files.find(name);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
  }

  ScriptLimits limits;
  std::map<std::string, std::string> files;
  Recorder recorder;
  std::unique_ptr<ScriptRuntime> runtime = make_runtime({});
  std::unique_ptr<Performer> performer;
  std::unique_ptr<Script> script;
};

/// The line that people see of an outcome: "ok", or the error.
inline std::string line_of(const Outcome& outcome) {
  return outcome.ok() ? "ok" : to_line(*outcome.error);
}

}  // namespace shunt::lua::test
