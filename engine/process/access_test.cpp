#include "process/access.hpp"

#include <doctest/doctest.h>

#include <grp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

using shunt::process::closed_to;
namespace fs = std::filesystem;

namespace {

constexpr uid_t stranger = 65534;
constexpr gid_t friends = 4242;

/// A child that does nothing, as another user, until the object is gone.
struct Stranger {
  pid_t pid = ::fork();

  Stranger() {
    if (pid != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const gid_t groups[] = {friends};
    const bool became = ::setgroups(1, groups) == 0 && ::setgid(stranger) == 0 && ::setuid(stranger) == 0;
    while (became) ::pause();
    ::_exit(1);
  }
  ~Stranger() {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
};

bool waits(pid_t pid) {
  for (int i = 0; i < 1'000; ++i) {
    struct stat facts {};
    ::stat(("/proc/" + std::to_string(pid)).c_str(), &facts);
    if (facts.st_uid == stranger) return true;
    ::usleep(1'000);
  }
  return false;
}

}  // namespace

TEST_CASE("the first folder that a process may not enter is named, by user, group and others") {
  auto name = (fs::temp_directory_path() / "shunt-access-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  const fs::path top = name;
  fs::create_directories(top / "a" / "b");
  CHECK(closed_to(::getpid(), top / "a" / "b").empty());
  if (::getuid() == 0) {
    const Stranger other;
    REQUIRE(waits(other.pid));
    CHECK(closed_to(other.pid, top / "a" / "b") == top);
    ::chmod(top.c_str(), 0711);
    ::chmod((top / "a").c_str(), 0750);
    CHECK(closed_to(other.pid, top / "a" / "b") == top / "a");
    CHECK(::chown((top / "a").c_str(), 0, friends) == 0);
    CHECK(closed_to(other.pid, top / "a" / "b").empty());
    CHECK(::chown((top / "a" / "b").c_str(), stranger, 0) == 0);
    ::chmod((top / "a" / "b").c_str(), 0077);
    CHECK(closed_to(other.pid, top / "a" / "b") == top / "a" / "b");
  }
  CHECK(closed_to(::getpid(), top / "missing").empty());
  CHECK(closed_to(99'999'999, top).empty());
  fs::remove_all(top);
}
