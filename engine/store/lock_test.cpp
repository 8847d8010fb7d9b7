#include "store/lock.hpp"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>

#include "store/test_store.hpp"

using namespace shunt;
using namespace shunt::store;

namespace {

Holder sample_holder() {
  Holder holder;
  holder.pid = ::getpid();
  holder.by = "ada@host";
  holder.verb = "deploy";
  holder.run = "a-run";
  holder.state = "/var/lib/shunt/web";
  holder.since = 1'795'235'833'000;
  holder.step = "shift 25 %";
  return holder;
}

bool is_free(const std::filesystem::path& file) {
  return static_cast<bool>(Lock::take(file, Holder()));
}

/// Memory that forked children share.
template <typename Item>
class Shared {
 public:
  Shared()
      : item_(static_cast<Item*>(
            ::mmap(nullptr, sizeof(Item), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    REQUIRE(static_cast<void*>(item_) != MAP_FAILED);
  }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;
  ~Shared() { ::munmap(item_, sizeof(Item)); }
  Item* operator->() const { return item_; }
  Item& operator*() const { return *item_; }

 private:
  Item* item_;
};

struct Race {
  pthread_barrier_t barrier;
  std::atomic<int> winners;
  std::atomic<int> wrong;
};

/// Starts a child that takes the lock and then sleeps; returns when it has taken it.
pid_t start_holder(
    const std::filesystem::path& file, const std::function<void()>& then = [] {}) {
  std::array<int, 2> ready{};
  REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
  const pid_t child = start_child([&] {
    auto lock = Lock::take(file, sample_holder());
    then();
    if (!lock || ::write(ready[1], "x", 1) != 1) return 1;
    for (;;) ::pause();
  });
  ::close(ready[1]);
  char byte = 0;
  CHECK(::read(ready[0], &byte, 1) == 1);
  ::close(ready[0]);
  return child;
}

void kill_and_wait(pid_t child) {
  ::kill(child, SIGKILL);
  CHECK(wait_for(child) == 128 + SIGKILL);
}

}  // namespace

TEST_CASE("of several processes that race for a lock, exactly one gets it, 1,000 times") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  constexpr int rivals = 4;
  constexpr int rounds = 1'000;
  Shared<Race> race;
  pthread_barrierattr_t attributes;
  ::pthread_barrierattr_init(&attributes);
  ::pthread_barrierattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  ::pthread_barrier_init(&race->barrier, &attributes, rivals);

  std::vector<pid_t> children;
  for (int i = 0; i < rivals; ++i)
    children.push_back(start_child([&] {
      for (int round = 0; round < rounds; ++round) {
        ::pthread_barrier_wait(&race->barrier);
        auto lock = Lock::take(file, sample_holder());
        if (lock) ++race->winners;
        if (!lock && lock.error().code != "SH1806") ++race->wrong;
        if (!lock) Lock::holder(file);  // looking must not disturb
        ::pthread_barrier_wait(&race->barrier);
        if (lock && race->winners.exchange(0) != 1) ++race->wrong;
      }
      return 0;
    }));
  for (const auto child : children) CHECK(wait_for(child) == 0);
  CHECK(race->wrong == 0);
  ::pthread_barrier_destroy(&race->barrier);
}

TEST_CASE("looking at a lock never keeps anybody from taking it") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  REQUIRE(is_free(file));
  Shared<std::atomic<int>> looks;
  const pid_t onlooker = start_child([&] {
    for (;; ++*looks) Lock::holder(file);
    return 0;
  });
  for (int i = 0; i < 2'000 || *looks < 2'000; ++i) {
    const auto lock = Lock::take(file, sample_holder());
    REQUIRE(lock);
  }
  kill_and_wait(onlooker);
}

TEST_CASE("a file that its holder removes excludes nobody, and is noticed") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i)
    children.push_back(start_child([&] {
      for (int round = 0; round < 3'000; ++round) {
        auto lock = Lock::take(file, Holder());
        if (!lock && lock.error().code != "SH1806") return 1;
        if (!lock) continue;
        struct stat opened {};
        struct stat named {};
        if (::fstat(lock->descriptor(), &opened) != 0 || ::stat(file.c_str(), &named) != 0) return 2;
        if (opened.st_ino != named.st_ino) return 3;
        ::unlink(file.c_str());
      }
      return 0;
    }));
  for (const auto child : children) CHECK(wait_for(child) == 0);
}

TEST_CASE("whoever comes second is told who holds it") {
  TemporaryFolder folder;
  const auto file = folder.path() / "app" / "lock";
  CHECK(!Lock::holder(file));
  auto lock = Lock::take(file, sample_holder());
  REQUIRE(lock);
  const auto second = Lock::take(file, Holder());
  REQUIRE(!second);
  CHECK(second.error().code == "SH1806");
  CHECK(second.error().retryable);
  CHECK(second.error().evidence == to_value(sample_holder()));
  const auto text = second.error().message;
  for (const auto* part : {"ada@host", "deploy", "a-run", "2026-11-21 04:37:13 UTC", "shift 25 %"}) {
    CAPTURE(part);
    CHECK(text.find(part) != std::string::npos);
  }

  auto later = sample_holder();
  later.step = "soak";
  lock->describe(later);
  CHECK(to_value(Lock::holder(file).value()) == to_value(later));
  {
    const Lock moved = std::move(*lock);
    CHECK(!is_free(file));
  }
  CHECK(!Lock::holder(file));
  CHECK(is_free(file));
}

TEST_CASE("a lock is held even when its file says nothing that can be read") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  auto lock = Lock::take(file, sample_holder());
  for (const auto* text : {"", "garbage", "{\"pid\": \"text\"}\n"}) {
    write_file(file, text);
    CHECK(code_of(Lock::take(file, Holder())) == "SH1806");
    CHECK(Lock::holder(file).value().pid == 0);
  }
}

TEST_CASE("a holder that is killed frees its lock at once") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  const pid_t holder = start_holder(file);
  CHECK(!is_free(file));
  kill_and_wait(holder);
  CHECK(!Lock::holder(file));
  CHECK(is_free(file));
}

TEST_CASE("a holder that is stopped keeps its lock") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  const pid_t holder = start_holder(file);
  ::kill(holder, SIGSTOP);
  int status = 0;
  REQUIRE(::waitpid(holder, &status, WUNTRACED) == holder);
  CHECK(WIFSTOPPED(status));
  CHECK(!is_free(file));
  CHECK(Lock::holder(file).value().run == "a-run");
  kill_and_wait(holder);
  CHECK(is_free(file));
}

TEST_CASE("a program that the holder starts does not inherit the lock") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  Shared<std::atomic<pid_t>> grandchild;
  const pid_t holder = start_holder(file, [&] {
    std::array<int, 2> replaced{};
    if (::pipe2(replaced.data(), O_CLOEXEC) != 0) return;
    const pid_t child = ::fork();
    if (child == 0) {
      ::execl("/bin/sleep", "sleep", "60", nullptr);
      ::_exit(1);
    }
    grandchild->store(child);
    ::close(replaced[1]);
    char byte = 0;
    // Ends when the exec has closed the child's copy.
    if (::read(replaced[0], &byte, 1) == 0) ::close(replaced[0]);
  });
  kill_and_wait(holder);
  CHECK(::kill(*grandchild, 0) == 0);
  CHECK(is_free(file));
  ::kill(*grandchild, SIGKILL);
}

TEST_CASE("files that cannot be locks are refused") {
  TemporaryFolder folder;
  CHECK(code_of(Lock::take(folder.path(), Holder())) == "SH1807");
  const auto link = folder.path() / "link";
  std::filesystem::create_symlink(folder.path() / "elsewhere", link);
  CHECK(code_of(Lock::take(link, Holder())) == "SH1807");
  CHECK(!std::filesystem::exists(folder.path() / "elsewhere"));
  write_file(folder.path() / "elsewhere", "text");
  CHECK(code_of(Lock::take(link, Holder())) == "SH1807");
  CHECK(read_file(folder.path() / "elsewhere") == "text");
  const auto fifo = folder.path() / "fifo";
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(code_of(Lock::take(fifo, Holder())) == "SH1807");
  write_file(folder.path() / "file", "");
  CHECK(code_of(Lock::take(folder.path() / "file" / "lock", Holder())) == "SH1807");
  CHECK(code_of(Lock::take(folder.path() / "no" / "lock", Holder(), true)) == "SH1807");
}

TEST_CASE("lock files have the mode that their folder needs, whatever the umask") {
  TemporaryFolder folder;
  const auto before = ::umask(0777);
  const auto own = Lock::take(folder.path() / "new" / "own", Holder());
  const auto shared = Lock::take(folder.path() / "shared", Holder(), true);
  ::umask(before);
  REQUIRE(own);
  REQUIRE(shared);
  const auto mode = [](const std::filesystem::path& path) {
    return static_cast<int>(std::filesystem::status(path).permissions());
  };
  CHECK(mode(folder.path() / "new") == 0700);
  CHECK(mode(folder.path() / "new" / "own") == 0600);
  CHECK(mode(folder.path() / "shared") == 0666);
  CHECK((::fcntl(own->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a lock file in a sticky folder serves other users too") {
  if (::geteuid() != 0) {
    MESSAGE("needs root: not tried");
    return;
  }
  TemporaryFolder folder;
  ::chmod(folder.path().c_str(), 01777);
  const auto file = folder.path() / "target.lock";
  REQUIRE(Lock::take(file, sample_holder(), true));
  const int result = in_child([&] {
    constexpr uid_t nobody = 65'534;
    if (::setresuid(nobody, nobody, nobody) != 0) return 1;
    return Lock::take(file, sample_holder(), true) ? 0 : 2;
  });
  CHECK(result == 0);
}

TEST_CASE("a target has one lock file for everyone, with a name that people can read") {
  const auto one = target_lock_file("unix:/run/haproxy.sock web");
  const auto two = target_lock_file("unix:/run/haproxy_sock web");
  CHECK(one == target_lock_file("unix:/run/haproxy.sock web"));
  CHECK(one != two);
  CHECK(one.filename().string().starts_with("unix__run_haproxy.sock_web-"));
  CHECK(target_lock_file(std::string(5'000, '/') + "..").filename().string().size() < 120);
  CHECK(std::filesystem::is_directory(one.parent_path()));
  if (one.parent_path() == "/run/lock/shunt")
    CHECK(static_cast<int>(std::filesystem::status(one.parent_path()).permissions()) == 01777);
  const auto own = target_lock_file("shunt test " + std::to_string(::getpid()));
  CHECK(Lock::take(own, sample_holder(), true));
  std::filesystem::remove(own);
  CHECK(app_lock_file("/var/lib/shunt/web") == "/var/lib/shunt/web/lock");
}

TEST_CASE("heir of a lock, started by the next test" * doctest::skip()) {
  const char* descriptor = std::getenv("SHUNT_TEST_LOCK_DESCRIPTOR");
  const char* file = std::getenv("SHUNT_TEST_LOCK_FILE");
  if (descriptor == nullptr || file == nullptr) return;
  auto lock = Lock::inherit(std::atoi(descriptor), file, sample_holder());
  REQUIRE(lock);
  CHECK((::fcntl(lock->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(Lock::holder(file).value().pid == ::getpid());
  for (int i = 0; i < 100; ++i) CHECK(code_of(Lock::take(file, Holder())) == "SH1806");
  write_file(std::string(file) + ".done", "");
}

TEST_CASE("a lock goes through exec without a gap") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  std::array<int, 2> ready{};
  REQUIRE(::pipe2(ready.data(), O_CLOEXEC) == 0);
  const pid_t holder = start_child([&] {
    auto lock = Lock::take(file, sample_holder());
    if (!lock || ::write(ready[1], "x", 1) != 1) return 1;
    ::setenv("SHUNT_TEST_LOCK_DESCRIPTOR", std::to_string(lock->descriptor()).c_str(), 1);
    ::setenv("SHUNT_TEST_LOCK_FILE", file.c_str(), 1);
    ::fcntl(lock->descriptor(), F_SETFD, 0);
    ::execl("/proc/self/exe", "store_test", "--test-case=heir of a lock*", "--no-skip", "--minimal", nullptr);
    return 2;
  });
  ::close(ready[1]);
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  ::close(ready[0]);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!is_free(file)) REQUIRE(std::chrono::steady_clock::now() < deadline);
  CHECK(std::filesystem::exists(file.string() + ".done"));
  CHECK(wait_for(holder) == 0);
}

TEST_CASE("only a descriptor that holds the lock of this very file is inherited") {
  TemporaryFolder folder;
  const auto file = folder.path() / "lock";
  CHECK(code_of(Lock::inherit(-1, file, Holder())) == "SH1807");
  auto lock = Lock::take(file, sample_holder());
  REQUIRE(lock);

  const int copy = ::dup(lock->descriptor());
  const auto heir = Lock::inherit(copy, file, sample_holder());
  CHECK(heir);

  const int stranger = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
  CHECK(code_of(Lock::inherit(stranger, file, Holder())) == "SH1806");
  ::close(stranger);

  const auto other = folder.path() / "other";
  write_file(other, "");
  const int unlocked = ::open(other.c_str(), O_RDWR | O_CLOEXEC);
  CHECK(code_of(Lock::inherit(unlocked, other, Holder())) == "SH1807");
  CHECK(is_free(other));
  ::close(unlocked);

  const auto held_by_another = Lock::take(folder.path() / "third", Holder());
  CHECK(code_of(Lock::inherit(lock->descriptor(), folder.path() / "third", Holder())) == "SH1807");

  std::filesystem::remove(file);
  write_file(file, "");
  CHECK(code_of(Lock::inherit(lock->descriptor(), file, Holder())) == "SH1807");
}
