// What every runtime adapter does, whatever it drives.
#pragma once

#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "loop/run.hpp"
#include "shunt/runtime.hpp"

namespace shunt::conformance {

/// What an instance is wanted for.
enum class Behaviour {
  serves,         ///< listens at its address, ends when asked to
  ends_at_once,   ///< with status 3, each time
  ends_for_good,  ///< the same, and is not to be started again
  prints,         ///< "line 1" ... "line 10", then nothing more, and stays
  is_stubborn,    ///< ignores the stop signal
  cannot_start,
};

/// One adapter with a world of its own (a folder, a daemon ...), empty at first. Its end leaves nothing running.
class RuntimeBench {
 public:
  virtual ~RuntimeBench() = default;

  virtual Runtime& runtime() = 0;

  /// A spec of app "shop", run "run-1", version "v1", for this kind of runtime.
  virtual InstanceSpec spec(Behaviour behaviour, const std::string& id) = 0;

  /// Ends the program of a running instance with KILL or its like, as a crash would.
  virtual void crash(const std::string& id) = 0;

  /// Somebody else listens at `address` until the returned object is gone.
  virtual std::shared_ptr<void> stranger(const std::string& address) = 0;

  /// Lets time pass until `condition` is true, for at most 10 s of the bench's own time; its last answer.
  virtual bool eventually(const std::function<bool()>& condition) = 0;

  /// Runs a task to its end.
  template <typename T>
  T run(Task<T> task) {
    return loop::run(loop_, std::move(task));
  }

 protected:
  asio::io_context loop_;
};

using MakeBench = std::function<std::unique_ptr<RuntimeBench>()>;

/// By the adapter's name; "model" is the one in memory.
const std::map<std::string, MakeBench>& runtime_benches();

/// Runs every case, each on a fresh bench, with doctest's checks.
void check_runtime(const MakeBench& make_bench);

/// Runs the story that was recorded from real processes: each step is answered as it was then, and leaves what it left.
void check_runtime_trace(const MakeBench& make_bench);

}  // namespace shunt::conformance
