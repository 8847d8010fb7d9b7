#include "supervise/lock.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

namespace shunt::supervise {

namespace {

TEST_CASE("a lock is held once, seen without being taken, and free when its holder is gone") {
  std::string name = (std::filesystem::temp_directory_path() / "shunt-lock-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  const std::string path = name + "/lock";
  CHECK_FALSE(Lock::is_held(path));
  CHECK_FALSE(std::filesystem::exists(path));
  {
    auto lock = Lock::take(path);
    REQUIRE(lock.has_value());
    CHECK(Lock::is_held(path));
    CHECK_FALSE(Lock::take(path).has_value());
    auto moved = std::move(*lock);
    CHECK(Lock::is_held(path));
  }
  CHECK_FALSE(Lock::is_held(path));
  CHECK_FALSE(Lock::take("/nonexistent/lock").has_value());

  const pid_t holder = ::fork();
  if (holder == 0) {
    const auto lock = Lock::take(path);
    while (lock) ::pause();
    ::_exit(1);
  }
  while (!Lock::is_held(path)) ::usleep(1000);
  CHECK_FALSE(Lock::take(path).has_value());
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  CHECK(Lock::take(path).has_value());
  std::filesystem::remove_all(name);
}

}  // namespace

}  // namespace shunt::supervise
