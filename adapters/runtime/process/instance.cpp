#include "adapters/runtime/process/instance.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cctype>

#include "adapters/runtime/process/labels.hpp"
#include "supervise/lock.hpp"

namespace shunt::adapters::process {

namespace {

bool belongs_in_file_name(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '-' || byte == '_' || byte == '.';
}

/// What still lives of an instance whose supervisor does not. While the command lives its session is surely ours; later
/// only the mark in the environment tells ours from a stranger that was given an old number.
std::vector<supervise::Identity> orphans_of(const supervise::Witness& witness) {
  if (witness.boot != supervise::boot_id() || witness.state == "exited") return {};
  const auto entries = supervise::all_entries();
  std::vector<supervise::Identity> orphans;
  if (supervise::is_alive(witness.child)) orphans = supervise::session_tree(entries, witness.session);
  for (const auto& entry : entries) {
    const bool known = std::find(orphans.begin(), orphans.end(), entry.identity) != orphans.end();
    if (!known && entry.state != 'Z' && entry.identity.pid != ::getpid() &&
        supervise::was_given(entry.identity.pid, "SHUNT_INSTANCE=" + witness.mark()))
      orphans.push_back(entry.identity);
  }
  return orphans;
}

}  // namespace

supervise::Paths paths_of(const std::filesystem::path& folder, const std::string& id) {
  std::string name;
  for (const char byte : id)
    if (belongs_in_file_name(byte) && !(byte == '.' && name.empty())) {
      name += byte;
    } else {
      name += fmt::format("%{:02X}", static_cast<unsigned char>(byte));
    }
  return supervise::Paths{(folder / name).string()};
}

Instance look_at(const supervise::Paths& paths) {
  Instance instance;
  const auto spec = supervise::read_file(paths.spec());
  const auto asked = spec ? supervise::decode(*spec) : std::nullopt;
  if (asked) instance.spec = supervise::Spec::from_record(*asked);
  // The witness first: a supervisor that appears or ends meanwhile is seen as one that starts, or one that has just
  // ended.
  const auto witness = supervise::read_witness(paths);
  const bool is_held = supervise::Lock::is_held(paths.lock());
  if (witness) instance.witness = *witness;
  if (is_held) {
    instance.life = witness ? Life::supervised : Life::starting;
  } else if (witness) {
    instance.orphans = orphans_of(*witness);
    instance.life = instance.orphans.empty() ? Life::ended : Life::orphaned;
  } else if (asked) {
    instance.life = Life::ended;
  }
  return instance;
}

InstanceState describe(const Instance& instance) {
  const auto& witness = instance.witness;
  const bool has_witness = !witness.state.empty();
  InstanceState state;
  state.id = has_witness ? witness.id : instance.spec.id;
  state.spec_sha = has_witness ? witness.sha : instance.spec.sha;
  read_labels(has_witness ? witness.labels : instance.spec.labels, state);
  state.started = witness.started_ms;
  state.restarts = witness.restarts;
  state.exit_code = witness.exit_code;
  state.state = "exited";
  if (instance.life == Life::starting) state.state = "starting";
  if (instance.life == Life::supervised) state.state = witness.state == "ending" ? "exited" : witness.state;
  const bool lives = instance.life == Life::supervised || instance.life == Life::orphaned;
  if (lives && supervise::is_alive(witness.child)) {
    state.pid = witness.child.pid;
    if (instance.life == Life::orphaned) state.state = "running";
  }
  return state;
}

std::string run_of(const Instance& instance) {
  InstanceState state;
  read_labels(instance.witness.state.empty() ? instance.spec.labels : instance.witness.labels, state);
  return state.labels.run;
}

bool forget(const supervise::Paths& paths, bool output) {
  if (::access(paths.folder.c_str(), F_OK) != 0) return true;
  // Whoever holds the lock decides: a supervisor that comes late finds its spec gone, and gives up.
  const auto lock = supervise::Lock::take(paths.lock());
  if (!lock) return false;
  ::unlink(paths.spec().c_str());
  ::unlink(paths.witness().c_str());
  if (!output) return true;
  ::unlink(paths.log().c_str());
  ::unlink(paths.old_log().c_str());
  return true;
}

}  // namespace shunt::adapters::process
