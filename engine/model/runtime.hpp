// A runtime in memory, for simulation and tests: what a real one does, without processes and without a clock of its
// own.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/images.hpp"
#include "shunt/runtime.hpp"
#include "supervise/backoff.hpp"

namespace shunt::model {

/// Deterministic: the same calls at the same times give the same answers. Time comes from `now` (unix ms) and must not
/// go back. Every instance listens at its address while it lives, unless it is told otherwise. Instances stay until
/// `stop`, as real ones outlive the engine: one ModelRuntime is one machine. Loop thread only; no method ever waits.
class ModelRuntime : public Runtime {
 public:
  explicit ModelRuntime(std::function<std::int64_t()> now);

  Task<Result<InstanceState>> ensure(InstanceSpec spec) override;
  Task<Result<void>> stop(std::string id, Milliseconds grace) override;
  Task<Result<std::vector<InstanceState>>> list(std::string app) override;
  Task<Result<std::string>> logs(std::string id, int lines) override;
  Task<Result<Listener>> listener(std::string id, std::string address) override;
  Task<Result<InstanceState>> adopt(InstanceSpec spec, bool may_stop) override;
  Task<Result<void>> disown(std::string id) override;
  Images* images() override { return &images_; }

  /// Starts it, whatever held the name before.
  InstanceState begin(const InstanceSpec& spec);

  /// Those of every app, sorted by id.
  std::vector<InstanceState> instances();

  /// The one that runs at that address, until the next call; nullptr when there is none.
  const InstanceState* running_at(const std::string& address);

  // What a test can make happen. Ids need not exist yet: what is set holds for every later start of that id.

  /// `ensure` answers SH1401 with `reason`; "" makes it work again.
  void fail_start(const std::string& id, std::string reason);

  /// Each life ends by itself after `life` with exit status `code`; it is started again with the backoff of a real one.
  void crash_loop(const std::string& id, Milliseconds life, int code);

  /// Lives that begin from now on last again.
  void recover(const std::string& id);

  /// Ends the present life once. Nothing when it does not run.
  void crash(const std::string& id, int code);

  /// It lives, but does not listen.
  void deafen(const std::string& id);

  /// Somebody else ("nginx (pid 12)") listens at `address`, too; "" takes him away.
  void occupy(const std::string& address, std::string who);

  /// `stop` answers SH1403.
  void make_unstoppable(const std::string& id);

  /// The machine was started again: all instances are gone, what happened to ids is kept.
  void reboot();

  /// What each life prints as it begins.
  void print_at_start(const std::string& id, std::string text);

 private:
  /// What a test said about an id.
  struct Fate {
    std::string start_failure;
    std::string output;
    Milliseconds life{-1};  ///< negative: for ever
    int code = 1;
    bool is_deaf = false;
    bool is_unstoppable = false;
  };

  struct Instance {
    InstanceState state;
    bool restarts = true;         ///< `restart` of its configuration
    std::int64_t ends = 0;        ///< when the present life ends; 0: not by itself
    std::int64_t next_start = 0;  ///< while it waits for that
    int code = 0;                 ///< with which the present life ends
    supervise::Backoff backoff;
  };

  void advance(Instance& instance);
  void begin_life(Instance& instance, std::int64_t time);
  void end_life(Instance& instance, std::int64_t time, int code);

  std::function<std::int64_t()> now_;
  std::map<std::string, Instance> instances_;
  std::map<std::string, Fate> fates_;
  std::map<std::string, std::string> output_;
  std::map<std::string, std::string> strangers_;  ///< by address
  std::int64_t next_pid_ = 1000;
  ModelImages images_;
};

}  // namespace shunt::model
