#include "supervise/process_table.hpp"

#include <doctest/doctest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>

namespace shunt::supervise {

namespace {

/// A child that waits to be ended; it is, at the latest with this object.
struct Sleeper {
  explicit Sleeper(const char* name = "sleeper") {
    pid = ::fork();
    if (pid != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_NAME, name);
    ::setsid();
    while (true) ::pause();
  }
  ~Sleeper() { end(); }
  void end() {
    if (pid <= 0) return;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    pid = 0;
  }
  Entry entry() const { return entry_of(pid).value(); }
  pid_t pid = 0;
};

template <typename Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) ::usleep(1000);
  return condition();
}

TEST_CASE("a process is described, whatever its name") {
  const Sleeper sleeper("a ) b (1 Z 2");
  REQUIRE(eventually([&] { return sleeper.entry().name == "a ) b (1 Z 2" && sleeper.entry().session == sleeper.pid; }));
  const auto entry = sleeper.entry();
  CHECK(entry.identity.pid == sleeper.pid);
  CHECK(entry.identity.start_time > 0);
  CHECK(entry.parent == ::getpid());
  CHECK(entry.group == sleeper.pid);
  const auto all = all_entries();
  CHECK(std::any_of(all.begin(), all.end(), [&](const Entry& one) { return one.identity == entry.identity; }));
  CHECK_FALSE(entry_of(0x7fffffff).has_value());
}

TEST_CASE("alive is that very process, and no zombie") {
  Sleeper sleeper;
  const auto identity = sleeper.entry().identity;
  CHECK(is_alive(identity));
  CHECK_FALSE(is_alive({identity.pid, identity.start_time + 1}));
  CHECK_FALSE(is_alive({}));
  ::kill(sleeper.pid, SIGKILL);
  CHECK(eventually([&] { return sleeper.entry().state == 'Z'; }));
  CHECK_FALSE(is_alive(identity));
  sleeper.end();
  CHECK_FALSE(is_alive(identity));
}

TEST_CASE("children, trees and sessions are found") {
  const Sleeper sleeper;
  REQUIRE(eventually([&] { return sleeper.entry().session == sleeper.pid; }));
  const auto children = children_of(::getpid());
  CHECK(std::count(children.begin(), children.end(), sleeper.pid) == 1);
  const auto tree = tree_of(::getpid());
  CHECK(tree.front() == ::getpid());
  CHECK(std::count(tree.begin(), tree.end(), sleeper.pid) == 1);
  CHECK(session_tree(all_entries(), sleeper.pid) == std::vector<Identity>{sleeper.entry().identity});
}

TEST_CASE("a session's tree holds what left the session, and no zombies") {
  const auto entry = [](pid_t pid, pid_t parent, pid_t session, char state) {
    Entry made;
    made.identity = {pid, 1};
    made.parent = parent;
    made.session = session;
    made.state = state;
    return made;
  };
  const std::vector<Entry> entries = {entry(5, 4, 5, 'S'), entry(2, 1, 9, 'S'), entry(3, 2, 9, 'Z'),
                                      entry(4, 3, 4, 'S'), entry(7, 1, 7, 'S')};
  const std::vector<Identity> expected = {{5, 1}, {2, 1}, {4, 1}};
  CHECK(session_tree(entries, 9) == expected);
}

TEST_CASE("a signal goes to that very process or to nobody") {
  const Sleeper sleeper;
  const auto identity = sleeper.entry().identity;
  CHECK_FALSE(send_signal({identity.pid, identity.start_time + 1}, SIGKILL));
  CHECK(errno == ESRCH);
  CHECK(is_alive(identity));
  CHECK_FALSE(send_signal({0x7fffffff, 1}, SIGKILL));
  CHECK(send_signal(identity, SIGKILL));
  CHECK(eventually([&] { return !is_alive(identity); }));
}

TEST_CASE("the start of the machine has a name") {
  CHECK(boot_id().size() == 36);
  CHECK(boot_id() == boot_id());
}

TEST_CASE("what a process was given is matched as a whole") {
  const char* path = ::getenv("PATH");
  REQUIRE(path != nullptr);
  const std::string assignment = std::string("PATH=") + path;
  CHECK(was_given(::getpid(), assignment));
  CHECK_FALSE(was_given(::getpid(), assignment.substr(0, assignment.size() - 1)));
  CHECK_FALSE(was_given(::getpid(), assignment.substr(1)));
  CHECK_FALSE(was_given(0x7fffffff, assignment));
}

}  // namespace

}  // namespace shunt::supervise
