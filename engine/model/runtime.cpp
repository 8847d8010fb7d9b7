#include "model/runtime.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace shunt::model {

namespace {

std::string sha_of(const InstanceSpec& spec) {
  const Value facts = {{"version", spec.labels.version},
                       {"address", spec.address},
                       {"config", spec.config},
                       {"stop_signal", spec.stop_signal},
                       {"stop_grace", spec.stop_grace.count()}};
  return sha256(encode(facts));
}

bool is_alive(const InstanceState& state) {
  return state.pid > 0;
}

}  // namespace

ModelRuntime::ModelRuntime(std::function<std::int64_t()> now) : now_(std::move(now)) {}

void ModelRuntime::begin_life(Instance& instance, std::int64_t time) {
  const auto& fate = fates_[instance.state.id];
  instance.state.pid = next_pid_++;
  instance.state.started = time;
  instance.state.state = "running";
  instance.ends = fate.life.count() < 0 ? 0 : time + std::max<std::int64_t>(fate.life.count(), 1);
  instance.code = fate.code;
  output_[instance.state.id] += fate.output;
}

void ModelRuntime::end_life(Instance& instance, std::int64_t time, int code) {
  const Milliseconds life(time - instance.state.started);
  instance.state.pid = 0;
  instance.state.exit_code = code;
  instance.state.state = instance.restarts ? "restarting" : "exited";
  instance.ends = 0;
  if (instance.restarts) instance.next_start = time + instance.backoff.after_life_of(life).count();
}

/// Lets happen what happened by itself since the last look.
void ModelRuntime::advance(Instance& instance) {
  const auto now = now_();
  while (true) {
    if (is_alive(instance.state) && instance.ends > 0 && instance.ends <= now) {
      end_life(instance, instance.ends, instance.code);
    } else if (instance.state.state == "restarting" && instance.next_start <= now) {
      ++instance.state.restarts;
      begin_life(instance, instance.next_start);
    } else {
      return;
    }
  }
}

Task<Result<InstanceState>> ModelRuntime::ensure(InstanceSpec spec) {
  const auto sha = sha_of(spec);
  const auto found = instances_.find(spec.id);
  if (found != instances_.end()) advance(found->second);
  if (found != instances_.end() && found->second.state.state != "exited") {
    const InstanceState& holder = found->second.state;
    if (holder.labels.run == spec.labels.run && holder.spec_sha == sha) co_return holder;
    Error error("SH1402", Kind::adapter,
                fmt::format("cannot start {}: the name is held by version {} of run {}", spec.id, holder.labels.version,
                            holder.labels.run),
                "stop it first");
    co_return error;
  }
  if (const auto& reason = fates_[spec.id].start_failure; !reason.empty()) {
    Error error("SH1401", Kind::adapter, fmt::format("cannot start {}: {}", spec.id, reason),
                "correct its runtime table");
    co_return error;
  }
  auto state = begin(spec);
  co_return state;
}

InstanceState ModelRuntime::begin(const InstanceSpec& spec) {
  Instance instance;
  instance.state.id = spec.id;
  instance.state.labels = spec.labels;
  instance.state.index = spec.index;
  instance.state.address = spec.address;
  instance.state.spec_sha = sha_of(spec);
  instance.restarts = spec.config.value("restart", "always") != "never";
  output_[spec.id].clear();
  begin_life(instance, now_());
  instances_[spec.id] = instance;
  return instance.state;
}

Task<Result<InstanceState>> ModelRuntime::adopt(InstanceSpec spec, bool may_stop) {
  const auto held = instances_.find(spec.id);
  if (held != instances_.end() && !held->second.state.adopted) {
    Error error("SH1402", Kind::adapter, fmt::format("cannot adopt {}: its name is held", spec.id), "stop it first");
    co_return error;
  }
  if (held != instances_.end()) co_return held->second.state;
  const auto stranger = strangers_.find(spec.address);
  if (stranger == strangers_.end()) {
    Error error("SH1407", Kind::adapter, fmt::format("nobody listens at {}, where {} should", spec.address, spec.id),
                "start it, or correct the port in the app file");
    co_return error;
  }
  strangers_.erase(stranger);
  Instance instance;
  instance.state.id = spec.id;
  instance.state.labels = spec.labels;
  instance.state.index = spec.index;
  instance.state.address = spec.address;
  instance.state.adopted = true;
  instance.state.may_stop = may_stop;
  instance.restarts = false;
  begin_life(instance, now_());
  instances_[spec.id] = instance;
  co_return instance.state;
}

Task<Result<void>> ModelRuntime::disown(std::string id) {
  const auto found = instances_.find(id);
  if (found == instances_.end() || !found->second.state.adopted) co_return Result<void>();
  const auto& state = found->second.state;
  if (is_alive(state)) strangers_[state.address] = fmt::format("somebody (pid {})", state.pid);
  instances_.erase(found);
  co_return Result<void>();
}

Task<Result<void>> ModelRuntime::stop(std::string id, Milliseconds) {
  if (const auto found = instances_.find(id); found != instances_.end() && !found->second.state.may_stop)
    co_return Result<void>();
  if (instances_.contains(id) && fates_[id].is_unstoppable) {
    Error error("SH1403", Kind::adapter, fmt::format("{} is still there 5 s after its grace was over", id),
                "look at its processes, end them, and try again");
    co_return error;
  }
  instances_.erase(id);
  co_return Result<void>();
}

Task<Result<std::vector<InstanceState>>> ModelRuntime::list(std::string app) {
  auto states = instances();
  std::erase_if(states, [&](const InstanceState& state) { return state.labels.app != app; });
  co_return states;
}

std::vector<InstanceState> ModelRuntime::instances() {
  std::vector<InstanceState> states;
  for (auto& [id, instance] : instances_) {
    advance(instance);
    states.push_back(instance.state);
  }
  return states;
}

const InstanceState* ModelRuntime::running_at(const std::string& address) {
  if (address.empty()) return nullptr;
  for (auto& [id, instance] : instances_) {
    if (instance.state.address != address) continue;
    advance(instance);
    if (instance.state.state == "running") return &instance.state;
  }
  return nullptr;
}

Task<Result<std::string>> ModelRuntime::logs(std::string id, int lines) {
  std::string text = output_[id];
  std::size_t at = text.empty() ? 0 : text.size() - 1;
  for (int found = 0; found < lines && at != std::string::npos; ++found)
    at = at == 0 ? std::string::npos : text.rfind('\n', at - 1);
  if (lines <= 0)
    text.clear();
  else if (at != std::string::npos)
    text.erase(0, at + 1);
  co_return text;
}

Task<Result<Listener>> ModelRuntime::listener(std::string id, std::string address) {
  Listener listener;
  std::string owner;
  for (auto& [name, instance] : instances_) {
    advance(instance);
    if (instance.state.address == address && is_alive(instance.state) && !fates_[name].is_deaf) owner = name;
  }
  const auto stranger = strangers_.find(address);
  listener.present = !owner.empty() || stranger != strangers_.end();
  listener.ours = !owner.empty() && owner == id && stranger == strangers_.end();
  if (stranger != strangers_.end())
    listener.who = stranger->second;
  else if (listener.present && !listener.ours)
    listener.who = fmt::format("{} (pid {})", owner, instances_[owner].state.pid);
  co_return listener;
}

void ModelRuntime::fail_start(const std::string& id, std::string reason) {
  fates_[id].start_failure = std::move(reason);
}

void ModelRuntime::crash_loop(const std::string& id, Milliseconds life, int code) {
  fates_[id].life = std::max(life, Milliseconds(0));
  fates_[id].code = code;
  const auto found = instances_.find(id);
  if (found == instances_.end()) return;
  advance(found->second);
  if (!is_alive(found->second.state)) return;
  found->second.ends = now_() + std::max<std::int64_t>(life.count(), 1);
  found->second.code = code;
}

void ModelRuntime::recover(const std::string& id) {
  if (const auto found = instances_.find(id); found != instances_.end()) advance(found->second);
  fates_[id].life = Milliseconds(-1);
}

void ModelRuntime::crash(const std::string& id, int code) {
  const auto found = instances_.find(id);
  if (found == instances_.end()) return;
  advance(found->second);
  if (is_alive(found->second.state)) end_life(found->second, now_(), code);
}

void ModelRuntime::deafen(const std::string& id) {
  fates_[id].is_deaf = true;
}

void ModelRuntime::occupy(const std::string& address, std::string who) {
  if (who.empty())
    strangers_.erase(address);
  else
    strangers_[address] = std::move(who);
}

void ModelRuntime::make_unstoppable(const std::string& id) {
  fates_[id].is_unstoppable = true;
}

void ModelRuntime::reboot() {
  instances_.clear();
}

void ModelRuntime::print_at_start(const std::string& id, std::string text) {
  fates_[id].output = std::move(text);
}

}  // namespace shunt::model
