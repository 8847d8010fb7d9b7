#include "adapters/runtime/process/process_runtime.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "adapters/runtime/listeners.hpp"
#include "adapters/runtime/process/adopted.hpp"
#include "adapters/runtime/process/instance.hpp"
#include "adapters/runtime/process/labels.hpp"
#include "adapters/runtime/process/launch.hpp"
#include "adapters/runtime/process/output.hpp"
#include "adapters/runtime/process/stop.hpp"
#include "loop/sleep.hpp"

namespace shunt::adapters {

namespace {

using namespace process;
using namespace listening;

constexpr Milliseconds settle_margin{
    15'000};  ///< on top of the grace: a supervisor may need a while to kill what hangs

Schema schema_of_process() {
  Key command;
  command.name = "command";
  command.type = Type::strings;
  command.doc = "program and arguments; the program is looked up in PATH when it has no slash; no shell";
  command.required = true;
  Key cwd;
  cwd.name = "cwd";
  cwd.doc = "the folder it runs in (default: the app file's folder)";
  Key ports;
  ports.name = "ports";
  ports.type = Type::per_color;
  ports.item = Type::integer;
  ports.doc = "the port or ports of each colour: { blue = 3000, green = 3001 }; one instance for each";
  Key env;
  env.name = "env";
  env.type = Type::map;
  env.secret = true;
  env.doc = "variables added to shunt's own environment; values may be secrets";
  Key restart;
  restart.name = "restart";
  restart.fallback = "always";
  restart.one_of = {"always", "never"};
  restart.doc = "whether it is started again when it ends";
  for (Key* key : {&command, &cwd, &env})
    key->versioned = "every version would be the same program, unless something else puts another one in its place";
  Schema schema;
  schema.keys = {command, cwd, ports, env, restart};
  return schema;
}

bool is_same(const Instance& instance, const supervise::Spec& asked, const std::string& run) {
  return run_of(instance) == run && instance.witness.sha == asked.sha && !instance.witness.stopping;
}

Error conflict(const Instance& instance, const std::string& run) {
  const auto state = describe(instance);
  std::string holder = fmt::format("version {} of run {}", state.labels.version, state.labels.run);
  if (state.labels.run == run) holder = "an instance of the same run, but with another configuration";
  if (instance.witness.stopping) holder += ", which is being stopped";
  return Error("SH1402", Kind::adapter, fmt::format("cannot start {}: the name is held by {}", state.id, holder),
               "stop it first (`shunt cleanup` stops what no deployment needs)")
      .with({{"pid", state.pid}, {"run", state.labels.run}, {"version", state.labels.version}});
}

/// Everything that belongs to the instance and lives, if it is still the one that its witness names.
Ours processes_of(const Instance& instance) {
  Ours ours;
  const auto supervisor = instance.witness.supervisor;
  const auto child = instance.witness.child;
  if (instance.life == Life::supervised && supervise::is_alive(supervisor) && supervise::is_alive(child)) {
    ours.likely = {child.pid};
    ours.all = [supervisor] { return supervise::tree_of(supervisor.pid); };
  }
  for (const auto& orphan : instance.orphans) ours.likely.push_back(orphan.pid);
  return ours;
}

Ours processes_at(const supervise::Paths& paths) {
  const auto adopted = read_adopted(paths);
  if (!adopted) return processes_of(look_at(paths));
  Ours ours;
  const auto pid = adopted->process.pid;
  if (!adopted->lives()) return ours;
  ours.likely = {pid};
  ours.all = [pid] { return supervise::tree_of(pid); };
  return ours;
}

Error held_by_adopted(const Adopted& adopted) {
  return Error("SH1402", Kind::adapter,
               fmt::format("cannot start {}: its place is held by process {}, which was adopted", adopted.id,
                           adopted.process.pid),
               "end that program yourself, for example by `systemctl stop`")
      .with({{"pid", adopted.process.pid}});
}

}  // namespace

Adapter<Runtime> process_runtime() {
  Adapter<Runtime> adapter;
  adapter.info.kind = "runtime";
  adapter.info.name = "process";
  adapter.info.status = "stable";
  adapter.info.summary = "Plain processes on this machine, each kept running by a small supervisor that outlives shunt";
  adapter.info.schema = schema_of_process();
  adapter.info.operations = {{"ensure", EffectClass::ensure},   {"stop", EffectClass::ensure},
                             {"adopt", EffectClass::ensure},    {"disown", EffectClass::ensure},
                             {"list", EffectClass::observe},    {"logs", EffectClass::observe},
                             {"listener", EffectClass::observe}};
  adapter.make = [](Context& context, const Value&) { return std::make_unique<ProcessRuntime>(context); };
  return adapter;
}

ProcessRuntime::ProcessRuntime(Context& context) : context_(context), folder_(context.state / "runtime-process") {}

Task<Result<InstanceState>> ProcessRuntime::ensure(InstanceSpec spec) {
  const auto paths = paths_of(folder_, spec.id);
  auto asked = to_supervise(spec, paths);
  if (!asked) co_return std::move(asked).error();
  if (const auto adopted = read_adopted(paths)) {
    if (adopted->lives()) {
      auto error = held_by_adopted(*adopted);
      co_return error;
    }
    forget_adopted(paths);
  }
  const std::string run = spec.labels.run;
  const auto limit = spec.stop_grace + settle_margin;
  // Once more only when somebody else started the same instance in between.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const auto found = co_await settled(paths, limit);
    if (found.life == Life::supervised || found.life == Life::orphaned) {
      if (!is_same(found, *asked, run)) {
        auto error = conflict(found, run);
        co_return error;
      }
      if (found.life == Life::supervised) {
        auto state = describe(found);
        co_return state;
      }
      auto ended = co_await stop_instance(paths, spec.id, spec.stop_grace);
      if (!ended) co_return std::move(ended).error();
    }
    auto environment = co_await read_environment(context_.secrets, spec);
    if (!environment) co_return std::move(environment).error();
    asked->env = std::move(*environment);
    if (!forget(paths, true)) continue;
    auto announced = announce(*asked);
    if (!announced) co_return std::move(announced).error();
    auto started = co_await launch(context_, *asked);
    if (!started) {
      auto gone = co_await settled(paths, limit);
      if (gone.life == Life::ended) forget(paths, false);
      co_return std::move(started).error();
    }
    if (*started == Started::yes) {
      auto state = describe(look_at(paths));
      co_return state;
    }
  }
  Error error("SH1402", Kind::adapter,
              fmt::format("cannot start {}: somebody else is starting or stopping it at this moment", spec.id),
              "find out who else drives this app, then try again");
  co_return error;
}

Task<Result<InstanceState>> ProcessRuntime::adopt(InstanceSpec spec, bool may_stop) {
  const auto paths = paths_of(folder_, spec.id);
  const auto endpoint = endpoint_in(spec.address);
  if (!endpoint) {
    Error error("SH1406", Kind::config, fmt::format("{} listens nowhere, so its program cannot be found", spec.id),
                "a service without a port cannot be adopted: deploy it");
    co_return error;
  }
  if (const auto held = look_at(paths); held.life != Life::none && held.life != Life::ended) {
    auto error = conflict(held, spec.labels.run);
    co_return error;
  }
  Adopted adopted;
  adopted.process.pid = program_at(*endpoint);
  const auto entry = supervise::entry_of(adopted.process.pid);
  if (adopted.process.pid == 0 || !entry) {
    Error error("SH1407", Kind::adapter, fmt::format("nobody listens at {}, where {} should", spec.address, spec.id),
                "start it, or correct the port in the app file; run as root to see programs of other users");
    co_return error;
  }
  adopted.process = entry->identity;
  adopted.id = spec.id;
  adopted.labels = labels_of(spec);
  adopted.boot = supervise::boot_id();
  adopted.started_ms = supervise::started_ms(adopted.process);
  adopted.may_stop = may_stop;
  adopted.stop_signal = spec.stop_signal;
  auto written = write_adopted(paths, adopted);
  if (!written) co_return std::move(written).error();
  auto state = describe(adopted);
  co_return state;
}

Task<Result<void>> ProcessRuntime::disown(std::string id) {
  forget_adopted(paths_of(folder_, id));
  co_return Result<void>();
}

Task<Result<void>> ProcessRuntime::examine(InstanceSpec spec) {
  co_return process::find_command(spec);
}

Task<Result<void>> ProcessRuntime::stop(std::string id, Milliseconds grace) {
  auto paths = paths_of(folder_, id);
  if (auto adopted = read_adopted(paths)) {
    if (!adopted->may_stop && adopted->lives()) co_return Result<void>();
    auto ended = co_await stop_adopted(std::move(*adopted), grace);
    if (ended) forget_adopted(paths);
    co_return ended;
  }
  auto stopped = co_await stop_instance(std::move(paths), std::move(id), grace);
  co_return stopped;
}

Task<Result<std::vector<InstanceState>>> ProcessRuntime::list(std::string app) {
  std::vector<InstanceState> states;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, failed)) {
    const supervise::Paths paths{entry.path().string()};
    if (const auto adopted = read_adopted(paths)) {
      auto state = describe(*adopted);
      if (state.labels.app == app) states.push_back(std::move(state));
      continue;
    }
    const auto instance = look_at(paths);
    if (instance.life == Life::none) continue;
    auto state = describe(instance);
    if (state.labels.app == app) states.push_back(std::move(state));
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    Error error("SH1404", Kind::adapter, fmt::format("cannot read {}: {}", folder_.string(), failed.message()),
                "make it readable for the user that runs shunt");
    co_return error;
  }
  std::sort(states.begin(), states.end(), [](const auto& one, const auto& other) { return one.id < other.id; });
  co_return states;
}

/// Shared pages count once for each process, so this is rather too much than too little.
Task<Result<std::int64_t>> ProcessRuntime::memory(std::string id) {
  const auto ours = processes_at(paths_of(folder_, id));
  std::int64_t bytes = 0;
  for (const auto pid : ours.all ? ours.all() : ours.likely) bytes += supervise::resident_bytes(pid);
  co_return bytes;
}

Task<Result<std::string>> ProcessRuntime::logs(std::string id, int lines) {
  auto text = last_lines(paths_of(folder_, id), lines);
  co_return text;
}

Task<Result<Listener>> ProcessRuntime::listener(std::string id, std::string address) {
  auto endpoint = endpoint_in(address);
  if (!endpoint) {
    Error error("SH1406", Kind::config, fmt::format("'{}' is not an address: it has no port", address),
                "give it as host:port");
    co_return error;
  }
  Ours ours;
  if (!id.empty()) ours = processes_at(paths_of(folder_, id));
  auto listener = co_await who_listens(std::move(*endpoint), std::move(ours));
  co_return listener;
}

}  // namespace shunt::adapters
