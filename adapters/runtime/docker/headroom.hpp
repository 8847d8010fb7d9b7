// What the machine of an engine has left for further containers.
#pragma once

#include <optional>

#include "adapters/runtime/docker/containers.hpp"
#include "shunt/runtime.hpp"

namespace shunt::adapters::docker {

/// Of an engine elsewhere: its memory as a whole (https://docs.docker.com/reference/api/engine/, /info), without what
/// its running containers use. Of one on this machine: what the machine has available, where the engine is outside the
/// container that this process runs in; nothing where both live under the same limits.
Task<Result<std::optional<Headroom>>> headroom_of(Daemon& daemon, Containers& containers);

/// Whether whoever listens at a unix socket is in another namespace of processes than this process, and not in one
/// inside of it; false when nobody listens.
bool is_outside(const std::string& unix_socket);

}  // namespace shunt::adapters::docker
