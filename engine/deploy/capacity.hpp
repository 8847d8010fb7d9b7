// Is there room for both versions side by side?
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "effects/fleet.hpp"

namespace shunt::deploy {

/// What the machine has left, in bytes.
struct Room {
  std::int64_t memory = 0;  ///< available without swapping; of the control group where that is less
  std::int64_t disk = 0;    ///< free for us where the state lies
};

/// Looks at the machine. `proc` and `cgroup` are for tests.
Room room_at(const std::filesystem::path& state, const std::filesystem::path& proc = "/proc",
             const std::filesystem::path& cgroup = "/sys/fs/cgroup");

/// What is needed on a machine whose limits are not this process's.
struct Elsewhere {
  Headroom left;
  std::int64_t needed = 0;  ///< bytes
};

struct Need {
  std::int64_t memory = 0;           ///< bytes, on this machine
  std::vector<Elsewhere> elsewhere;  ///< by machine
  std::optional<Error> error;        ///< why it is not known

  Need() = default;
};

/// SH1939 when what is needed does not fit; SH1940 when the disk is nearly full. The messages have the numbers.
Result<void> check_room(const Need& need, const Room& room);

/// What the new version will need beside the old one: what the live instances use now. Nothing where none is live, or
/// the old version is stopped first.
Task<Need> look_at_need(effects::Fleet& fleet);

}  // namespace shunt::deploy
