#include "deploy/capacity.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <limits>
#include <string>

#include "process/available.hpp"

namespace shunt::deploy {

namespace {

constexpr std::int64_t least_disk = 64LL * 1024 * 1024;  ///< journal, output of instances, files of a proxy

std::string in_mib(std::int64_t bytes) {
  return fmt::format("{} MiB", (bytes + 1024 * 1024 - 1) / (1024 * 1024));
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

Error no_memory(std::int64_t wanted, std::int64_t left, const std::string& where) {
  return {"SH1939", Kind::config,
          fmt::format("the new version beside the old one would need about {} more memory{} (what the old one uses "
                      "now), and {} are available",
                      in_mib(wanted), where, in_mib(left)),
          "make room; deploy with `--strategy recreate`, which stops the old version first; or override it with "
          "--force --reason TEXT"};
}

void add(Need& need, std::int64_t memory, const std::optional<Headroom>& headroom) {
  if (!headroom) {
    need.memory += memory;
    return;
  }
  const auto same = [&](const Elsewhere& one) { return one.left.machine == headroom->machine; };
  auto found = std::find_if(need.elsewhere.begin(), need.elsewhere.end(), same);
  if (found == need.elsewhere.end()) found = need.elsewhere.insert(found, {*headroom, 0});
  found->needed += memory;
}

Task<Result<std::int64_t>> used_by(Runtime* runtime, std::vector<Place> places) {
  std::int64_t sum = 0;
  for (const auto& place : places) {
    std::string id = place.id;
    auto used = co_await runtime->memory(std::move(id));
    if (!used) co_return std::move(used);
    sum += *used;
  }
  co_return sum;
}

}  // namespace

Room room_at(const std::filesystem::path& state, const std::filesystem::path& proc,
             const std::filesystem::path& cgroup) {
  Room room;
  room.memory = std::min(process::available_memory(proc), left_in_group(cgroup));
  std::error_code failed;
  const auto space = std::filesystem::space(state, failed);
  room.disk = failed ? std::numeric_limits<std::int64_t>::max() : static_cast<std::int64_t>(space.available);
  return room;
}

Result<void> check_room(const Need& need, const Room& room) {
  if (need.memory > room.memory) return no_memory(need.memory, room.memory, "");
  for (const auto& [left, needed] : need.elsewhere)
    if (needed > left.memory) return no_memory(needed, left.memory, " on " + left.machine);
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
    auto places = service.places;
    auto used = co_await used_by(*runtime, std::move(places));
    auto headroom = co_await (*runtime)->headroom();
    if (!used || !headroom) {
      need.error = used ? headroom.error() : used.error();
      co_return need;
    }
    add(need, *used, *headroom);
  }
  co_return need;
}

}  // namespace shunt::deploy
