// Room for both versions.
#include "deploy/capacity.hpp"

#include <doctest/doctest.h>
#include <unistd.h>
#include <fstream>
#include <limits>

using namespace shunt;
using namespace shunt::deploy;

namespace {

constexpr std::int64_t mib = 1024 * 1024;

/// A machine's files, in a folder of their own.
struct Machine {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("shunt-capacity-" + std::to_string(::getpid()));

  Machine() { std::filesystem::create_directories(folder); }
  ~Machine() { std::filesystem::remove_all(folder); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder / name).parent_path());
    std::ofstream(folder / name) << text;
  }
  Room room() const { return room_at(folder, folder / "proc", folder / "cgroup"); }
};

std::string code_of(const Result<void>& result) {
  return result ? "" : result.error().code;
}

Need here(std::int64_t bytes) {
  Need need;
  need.memory = bytes;
  return need;
}

}  // namespace

TEST_CASE("memory is what the machine has available, or what is left in the control group, old kind or new") {
  Machine machine;
  machine.write("proc/meminfo", "MemTotal:       900 kB\nMemFree:        100 kB\nMemAvailable:   400 kB\n");
  CHECK(machine.room().memory == 400 * 1024);
  machine.write("cgroup/memory.max", "max\n");
  machine.write("cgroup/memory.current", "1000\n");
  CHECK(machine.room().memory == 400 * 1024);
  machine.write("cgroup/memory.max", "5000\n");
  CHECK(machine.room().memory == 4000);
  std::filesystem::remove_all(machine.folder / "cgroup");
  machine.write("cgroup/memory/memory.limit_in_bytes", "7000\n");
  machine.write("cgroup/memory/memory.usage_in_bytes", "9000\n");
  CHECK(machine.room().memory == 0);
}

TEST_CASE("what cannot be read refuses nothing") {
  const auto room = room_at("/no/such/folder", "/no/such/folder", "/no/such/folder");
  CHECK(code_of(check_room(here(1'000'000 * mib), room)).empty());
}

TEST_CASE("the refusals have the numbers") {
  const auto memory = check_room(here(300 * mib), Room{200 * mib, 1'000 * mib});
  REQUIRE(code_of(memory) == "SH1939");
  CHECK(memory.error().message.find("about 300 MiB more memory") != std::string::npos);
  CHECK(memory.error().message.find("200 MiB are available") != std::string::npos);
  CHECK(code_of(check_room(here(200 * mib), Room{200 * mib, 1'000 * mib})).empty());
  const auto disk = check_room(here(0), Room{200 * mib, 10 * mib});
  REQUIRE(code_of(disk) == "SH1940");
  CHECK(disk.error().message.find("10 MiB left") != std::string::npos);
}

TEST_CASE("what is needed elsewhere is held against what is left there") {
  Need need;
  Elsewhere other;
  other.left.machine = "10.0.0.7:2376";
  other.left.memory = 100 * mib;
  other.needed = 100 * mib;
  need.elsewhere.push_back(other);
  const Room room{0, 1'000 * mib};
  CHECK(code_of(check_room(need, room)).empty());
  need.elsewhere.front().needed = 150 * mib;
  const auto refused = check_room(need, room);
  REQUIRE(code_of(refused) == "SH1939");
  CHECK(refused.error().message.find("about 150 MiB more memory on 10.0.0.7:2376") != std::string::npos);
}

TEST_CASE("this machine has some of both") {
  const auto room = room_at(std::filesystem::temp_directory_path());
  CHECK(room.memory > mib);
  CHECK(room.memory < std::numeric_limits<std::int64_t>::max());
  CHECK(room.disk > mib);
}
