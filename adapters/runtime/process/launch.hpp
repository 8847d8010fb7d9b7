// Handing a spec to a new supervisor.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "shunt/context.hpp"
#include "shunt/runtime.hpp"
#include "supervise/witness.hpp"

namespace shunt::adapters::process {

/// What `spec` asks of a supervisor, without the environment. SH1401 when it cannot be asked: no command, or a zero
/// byte in it.
Result<supervise::Spec> to_supervise(const InstanceSpec& spec, const supervise::Paths& paths);

/// Whether the folder and the program that `spec` names are there. SH1409 says which is not.
Result<void> find_command(const InstanceSpec& spec);

/// `env` of the configuration with its secrets read, as "NAME=VALUE". SH1009 from the secret, SH1401 for an impossible
/// name.
Task<Result<std::vector<std::string>>> read_environment(Secrets& secrets, InstanceSpec spec);

/// Makes the folder (0700) and writes what is asked for: from here on the instance has a name and labels. Old files
/// must be gone. SH1404 when that fails.
Result<void> announce(const supervise::Spec& spec);

enum class Started {
  yes,
  overtaken,  ///< by another start, or by a stop: look again
};

/// Starts the supervisor and waits until the command executes. SH1401 it does not, SH1405 there is no supervisor.
/// Cancelling gives up waiting; what was started goes on and is labelled.
Task<Result<Started>> launch(Context& context, supervise::Spec spec);

/// What comes before the supervisor's own arguments, so that it is not in the unit shunt runs in; empty where there is
/// no systemd. `systemd` is the folder that exists where it runs, `path` the variable PATH.
std::vector<std::string> scope_command(const std::filesystem::path& systemd, const std::string& path, bool root);

}  // namespace shunt::adapters::process
