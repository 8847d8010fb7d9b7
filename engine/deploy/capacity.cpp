#include "deploy/capacity.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

namespace shunt::deploy {

namespace {

constexpr std::int64_t least_disk = 64LL * 1024 * 1024;  ///< journal, output of instances, files of a proxy

std::string in_mib(std::int64_t bytes) {
  return fmt::format("{} MiB", (bytes + 1024 * 1024 - 1) / (1024 * 1024));
}

// `MemAvailable:   123 kB`: what can be had without swapping.
std::int64_t available_in(const std::filesystem::path& meminfo) {
  std::ifstream file(meminfo);
  for (std::string name; file >> name;) {
    std::int64_t kib = 0;
    if (name == "MemAvailable:" && file >> kib) return kib * 1024;
    std::getline(file, name);
  }
  return std::numeric_limits<std::int64_t>::max();
}

std::int64_t number_in(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::int64_t number = 0;
  return file >> number ? number : -1;  // "max" is no number
}

// A container, or a job of a CI system, has less than its machine.
std::int64_t left_in_group(const std::filesystem::path& cgroup) {
  auto limit = number_in(cgroup / "memory.max");
  auto used = number_in(cgroup / "memory.current");
  if (limit < 0) limit = number_in(cgroup / "memory" / "memory.limit_in_bytes");
  if (used < 0) used = number_in(cgroup / "memory" / "memory.usage_in_bytes");
  if (limit < 0 || used < 0) return std::numeric_limits<std::int64_t>::max();
  return std::max<std::int64_t>(0, limit - used);
}

}  // namespace

Room room_at(const std::filesystem::path& state, const std::filesystem::path& proc,
             const std::filesystem::path& cgroup) {
  Room room;
  room.memory = std::min(available_in(proc / "meminfo"), left_in_group(cgroup));
  std::error_code failed;
  const auto space = std::filesystem::space(state, failed);
  room.disk = failed ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(space.available);
  return room;
}

Result<void> check_room(std::int64_t needed, const Room& room) {
  if (needed > room.memory)
    return Error(
        "SH1939", Kind::config,
        fmt::format("the new version beside the old one would need about {} more memory (what the old one uses "
                    "now), and {} are available",
                    in_mib(needed), in_mib(room.memory)),
        "make room; deploy with `--strategy recreate`, which stops the old version first; or override it with "
        "--force --reason TEXT");
  if (room.disk < least_disk)
    return Error("SH1940", Kind::config,
                 fmt::format("the file system of the state folder has {} left, and at least {} are wanted",
                             in_mib(room.disk), in_mib(least_disk)),
                 "make room, or override it with --force --reason TEXT");
  return {};
}

Task<Need> look_at_need(effects::Fleet& fleet) {
  const auto& deployment = fleet.deployment();
  Need need;
  if (deployment.first || deployment.downtime) co_return need;
  for (const auto& service : deployment.side(deployment.from()).services) {
    // What is swapped, or not deployed any more, has no second instance beside it.
    if (service.singleton || deployment.service(service.name, deployment.to) == nullptr) continue;
    auto runtime = fleet.runtime(service.name, deployment.from());
    if (!runtime) {
      need.error = runtime.error();
      co_return need;
    }
    for (const auto& place : service.places) {
      std::string id = place.id;
      auto used = co_await (*runtime)->memory(std::move(id));
      if (used) need.memory += *used;
      if (!used) need.error = used.error();
    }
  }
  co_return need;
}

}  // namespace shunt::deploy
