#include "process/identity.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

using namespace shunt;
using process::parse_stat;

TEST_CASE("the fields of a stat file are found whatever the program is called") {
  const auto stat = parse_stat(
      "4711 (a) R 1 (b) x) S 1 4700 4700 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 1000 2 18446744073709551615\n");
  REQUIRE(stat);
  CHECK(stat->state == 'S');
  CHECK(stat->group == 4700);
  CHECK(stat->start_time == 987654);
}

TEST_CASE("what is not a stat file is refused") {
  for (const auto* text :
       {"", "4711", "4711 (x)", "4711 (x) S", "4711 (x) S 1 2 3", "4711 (x) S 1 a 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5",
        "4711 (x) SS 1 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 5", "4711 (x) S 1 2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 -5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_stat(text));
  }
}

TEST_CASE("a process is known by its number and its start; a zombie and a stranger are not it") {
  process::Identity self{::getpid(), process::start_time_of(::getpid()).value_or(0)};
  CHECK(self.start_time > 0);
  CHECK(process::is_alive(self));
  ++self.start_time;
  CHECK_FALSE(process::is_alive(self));
  CHECK_FALSE(process::is_alive({}));
  CHECK_FALSE(process::start_time_of(0));
  CHECK_FALSE(process::start_time_of(-1));
  CHECK_FALSE(process::start_time_of(1 << 30));

  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t info{};
  REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);  // ended, not reaped
  CHECK(process::stat_of(child)->is_dead());
  CHECK_FALSE(process::start_time_of(child));
  CHECK_FALSE(process::is_alive({child, process::stat_of(child)->start_time}));
  CHECK_FALSE(process::group_is_alive(child));
  ::waitpid(child, nullptr, 0);
}

TEST_CASE("a group is alive while one of its processes is") {
  CHECK(process::group_is_alive(::getpgrp()));
  CHECK_FALSE(process::group_is_alive(1 << 30));
}
