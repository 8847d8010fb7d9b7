// What a runtime adapter does: keep instances of a service running.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "shunt/colour.hpp"
#include "shunt/duration.hpp"
#include "shunt/error.hpp"
#include "shunt/task.hpp"
#include "shunt/value.hpp"

namespace shunt {

/// Who an instance belongs to; every runtime puts these on what it creates, as `shunt.app`, `shunt.service` and so on.
struct Labels {
  std::string app;
  std::string service;
  Colour color = Colour::blue;
  std::string version;
  std::string run;       ///< the deployment that started it
  std::int64_t seq = 0;  ///< the journal entry that started it
  std::int64_t epoch = 0;

  Labels() = default;
};

struct InstanceSpec {
  std::string id;  ///< APP-SERVICE-COLOUR-N: the same for the same place, so a leftover is found by name
  Labels labels;
  std::string release;  ///< that it belongs to: its own deployment's, or the one that a rollback goes back to
  int index = 0;        ///< 0 .. count-1 within its service and colour
  std::string address;  ///< host:port it will listen on; "" when it listens nowhere, or the runtime finds one for it
  Value
      config;  ///< the service's `runtime` table: validated, placeholders replaced, paths absolute, secrets as handles
  int stop_signal = 15;
  Milliseconds stop_grace{10'000};

  InstanceSpec() = default;
};

struct InstanceState {
  std::string id;
  Labels labels;
  int index = 0;
  std::string
      state;  ///< "starting", "running", "restarting" (crash loop: waits before the next try), "paused", "exited"
  std::string address;
  std::string health;  ///< as the runtime sees it by itself: "starting", "healthy", "unhealthy"; "": it does not look
  std::string health_note;   ///< what its last look brought, for messages
  std::int64_t pid = 0;      ///< of the program itself, 0 where there is none
  std::int64_t started = 0;  ///< unix ms of its last start: a change means that it was restarted
  int restarts = 0;
  std::optional<int> exit_code;  ///< of its last end, 128 + signal when a signal ended it
  std::string spec_sha;          ///< of the spec it was started from
  bool adopted = false;          ///< somebody else started it, and `adopt` took it over
  bool may_stop = true;          ///< false: adopted, and `stop` leaves it running

  InstanceState() = default;
};

/// Which releases of an app somebody may still go back to.
struct Wanted {
  std::string app;
  std::vector<std::string> in_use;   ///< their instances run, or are held
  std::vector<std::string> earlier;  ///< that served well before; newest first

  Wanted() = default;
};

/// Whose program answers at an instance's address.
struct Listener {
  bool present = false;  ///< somebody listens there
  bool ours = false;     ///< and every listener belongs to the instance's own process tree
  std::string who;       ///< for messages: "node (pid 4711)", when it is somebody else

  Listener() = default;
};

/// What the machine of a runtime's instances has left.
struct Headroom {
  std::string machine;      ///< for messages: "10.0.0.7:2376"
  std::int64_t memory = 0;  ///< bytes that further instances may use

  Headroom() = default;
};

/// Hears how far something is, in words for people; may be empty.
using Told = std::function<void(const std::string& text)>;

class Images;

/// One small thing per method; loops, order and waiting are the engine's. Loop thread only. Instances outlive the
/// engine's process. Every method may fail with kind adapter; cancelling never leaves a half-made instance unlabelled.
class Runtime {
 public:
  virtual ~Runtime() = default;

  /// Makes `spec` run. Twice is the same as once: an instance of the same run and spec is left alone and described.
  /// Returns once the program was started (not: is ready). SH1401 cannot start, SH1402 another spec or run holds the
  /// name (a leftover is a conflict, never reused).
  virtual Task<Result<InstanceState>> ensure(InstanceSpec spec) = 0;

  /// Fetches or builds what `ensure` starts from where it is not there (an image), before anything is started. Twice is
  /// the same as once. What it did, for the record: an object, {} where there was nothing to do. `told` hears
  /// of it meanwhile. The default has nothing to do, and an adapter that has says so by the operation `prepare`.
  virtual Task<Result<Value>> prepare(InstanceSpec spec, Told told);

  /// The names of what earlier releases have left and nobody needs any more (images), which `prune` would remove. Looks
  /// only. The default has none.
  virtual Task<Result<std::vector<std::string>>> surplus(Wanted wanted);

  /// Removes it; what is in use, or is not shunt's, stays. The names of what is gone. Twice is the same as once.
  virtual Task<Result<std::vector<std::string>>> prune(Wanted wanted);

  /// Whether `ensure` would find what it starts from: a program, a folder, an image. Looks, and touches nothing. SH1409
  /// (kind config) names what is gone; the default finds nothing missing.
  virtual Task<Result<void>> examine(InstanceSpec spec);

  /// What makes the images that its instances are started from (shunt/image.hpp); lives as long as the runtime.
  /// nullptr, the default, where they are started from something else.
  virtual Images* images() { return nullptr; }

  /// Ends it and everything it started: its stop signal, `grace`, KILL; success means that it is confirmed gone (or
  /// never was). SH1403 when something survives.
  virtual Task<Result<void>> stop(std::string id, Milliseconds grace) = 0;

  /// Every instance of the app that exists, running or not, of any run; sorted by id.
  virtual Task<Result<std::vector<InstanceState>>> list(std::string app) = 0;

  /// Bytes of memory that an instance uses now, with everything that it started; 0 where that is not known.
  virtual Task<Result<std::int64_t>> memory(std::string id);

  /// Of the machine that its instances run on, where the limits of this process are not theirs: another machine, or
  /// the one around the container that this process runs in. Nothing, the default, where they are.
  virtual Task<Result<std::optional<Headroom>>> headroom();

  /// The last `lines` lines of its output, both streams, oldest first; "" when there is none.
  virtual Task<Result<std::string>> logs(std::string id, int lines) = 0;

  /// Takes over the program that listens at `spec.address`, as this instance, without touching it: from now on it is
  /// listed with the labels of `spec`, and its listener is ours, as long as that very program lives. `stop` ends it
  /// only when it may; otherwise it does nothing and is a success. Twice is the same as once. SH1407 nobody listens
  /// there, SH1402 an instance of another start holds the name, SH1408 this runtime cannot.
  virtual Task<Result<InstanceState>> adopt(InstanceSpec spec, bool may_stop);

  /// Forgets an adopted instance, and leaves it running; nothing for any other.
  virtual Task<Result<void>> disown(std::string id);

  /// Who listens at the instance's address just now. An instance that is gone: `ours` is false.
  virtual Task<Result<Listener>> listener(std::string id, std::string address) = 0;
};

inline Task<Result<InstanceState>> Runtime::adopt(InstanceSpec spec, bool /*may_stop*/) {
  Error error("SH1408", Kind::config,
              spec.id + " cannot be adopted: its runtime cannot take over what it did not start",
              "deploy it beside what runs now, and end that one when it has no traffic any more");
  co_return error;
}

inline Task<Result<Value>> Runtime::prepare(InstanceSpec /*spec*/, Told /*told*/) {
  co_return Result<Value>(Value::object());
}

inline Task<Result<std::vector<std::string>>> Runtime::surplus(Wanted /*wanted*/) {
  co_return Result<std::vector<std::string>>(std::vector<std::string>());
}

inline Task<Result<std::vector<std::string>>> Runtime::prune(Wanted /*wanted*/) {
  co_return Result<std::vector<std::string>>(std::vector<std::string>());
}

inline Task<Result<void>> Runtime::examine(InstanceSpec /*spec*/) {
  co_return Result<void>();
}

inline Task<Result<std::int64_t>> Runtime::memory(std::string /*id*/) {
  co_return Result<std::int64_t>(0);
}

inline Task<Result<std::optional<Headroom>>> Runtime::headroom() {
  co_return Result<std::optional<Headroom>>(std::nullopt);
}

inline Task<Result<void>> Runtime::disown(std::string /*id*/) {
  co_return Result<void>();
}

}  // namespace shunt
