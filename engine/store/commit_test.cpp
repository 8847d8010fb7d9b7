#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

#include "store/head.hpp"
#include "store/test_store.hpp"

using namespace shunt;
using namespace shunt::store;

namespace {

std::atomic<int> synced = 0;
std::atomic<bool> sync_fails = false;

std::int64_t add(Store& store, const std::string& run, int count = 1) {
  std::int64_t seq = 0;
  for (int i = 0; i < count; ++i) seq = store.append(sample_entry(run, i)).value();
  return seq;
}

std::size_t count_of(const std::filesystem::path& folder, const std::string& run) {
  return opened(folder, Mode::read)->entries(run).value().size();
}

}  // namespace

// SQLite's own calls come here too: it finds the program's symbol first.
extern "C" int fdatasync(int descriptor) {
  ++synced;
  if (sync_fails) {
    errno = EIO;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

TEST_CASE("a commit is one fsync, a flush none, and readers see both") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  add(*store, "a-run");
  REQUIRE(store->commit());  // the first one after a fresh log syncs its header too

  add(*store, "a-run", 3);
  CHECK(store->collected());
  CHECK(count_of(folder.path(), "a-run") == 1);
  synced = 0;
  REQUIRE(store->commit());
  CHECK(synced == 1);
  CHECK(!store->collected());
  CHECK(count_of(folder.path(), "a-run") == 4);

  add(*store, "a-run");
  synced = 0;
  REQUIRE(store->flush());
  CHECK(synced == 0);
  CHECK(count_of(folder.path(), "a-run") == 5);
  CHECK(read_head(folder.path())->seq == 4);  // a power cut may take the fifth: nothing may witness it

  CHECK(store->collected());  // it still waits for a commit
  REQUIRE(store->commit());
  CHECK(synced == 1);
  CHECK(!store->collected());
  CHECK(read_head(folder.path())->seq == 5);

  synced = 0;
  REQUIRE(store->commit());  // nothing to do
  CHECK(synced == 0);
  REQUIRE(store->flush());
  REQUIRE(store->post(sample_message("a-run")));
  CHECK(synced == 1);
}

TEST_CASE("the head file names the last entry that is durable") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  CHECK(read_head(folder.path())->run.empty());
  add(*store, "a-run", 2);
  add(*store, "b-run", 1);
  REQUIRE(store->commit());
  auto head = read_head(folder.path());
  REQUIRE(head);
  CHECK(head->run == "b-run");
  CHECK(head->seq == 1);
  CHECK(head->hash == store->entries("b-run").value().back().hash);

  REQUIRE(store->save(sample_state()));
  REQUIRE(store->commit());
  const auto after = read_head(folder.path());
  CHECK(after->hash == head->hash);
  CHECK(after->changes == head->changes + 1);

  store = writer(folder.path());  // a new epoch keeps the witness
  CHECK(read_head(folder.path())->hash == head->hash);
}

TEST_CASE("a head is written over the one before, whichever is longer") {
  TemporaryFolder folder;
  write_head(folder.path(), {"a-run-with-a-long-name", 123'456, std::string(64, 'f'), 7});
  const std::filesystem::path first = folder.path() / "first";
  std::filesystem::create_hard_link(folder.path() / "head", first);
  write_head(folder.path(), {"b", 1, std::string(64, '0'), 8});
  const auto head = read_head(folder.path());
  REQUIRE(head);
  CHECK(head->run == "b");
  CHECK(head->seq == 1);
  CHECK(read_file(first) == read_file(folder.path() / "head"));  // a rename would make the file system write
}

TEST_CASE("a store whose epoch is stale changes nothing") {
  TemporaryFolder folder;
  auto old = writer(folder.path());
  add(*old, "a-run");
  REQUIRE(old->commit());
  add(*old, "a-run");
  REQUIRE(old->save(sample_state()));

  auto young = opened(folder.path(), Mode::write);
  CHECK(young->take_epoch().value() == 2);
  const auto head = read_file(folder.path() / "head");
  for (int i = 0; i < 2; ++i) {
    const auto refused = i == 0 ? old->commit() : old->flush();
    REQUIRE(!refused);
    CHECK(refused.error().code == "SH1803");
    CHECK(refused.error().kind == Kind::cancelled);
    CHECK(refused.error().control);
  }
  CHECK(code_of(old->take_epoch()) == "SH1803");  // what it has collected belongs to a chain that went on without it
  CHECK(read_file(folder.path() / "head") == head);
  CHECK(count_of(folder.path(), "a-run") == 1);
  CHECK(!young->state().value().live);

  CHECK(add(*young, "a-run") == 2);
  CHECK(young->commit());
  CHECK(young->verify("a-run"));
}

TEST_CASE("nothing is written before an epoch is taken") {
  TemporaryFolder folder;
  auto store = opened(folder.path(), Mode::write);
  add(*store, "a-run");
  CHECK(code_of(store->commit()) == "SH1803");
  CHECK(code_of(store->flush()) == "SH1803");
  CHECK(count_of(folder.path(), "a-run") == 0);
}

TEST_CASE("taking an epoch sees what others wrote before") {
  TemporaryFolder folder;
  auto first = writer(folder.path());
  add(*first, "a-run", 2);
  REQUIRE(first->commit());
  auto second = writer(folder.path());
  add(*second, "a-run", 2);
  REQUIRE(second->commit());
  CHECK(first->take_epoch().value() == 3);
  CHECK(add(*first, "a-run") == 5);
  REQUIRE(first->commit());
  CHECK(first->verify("a-run"));
}

TEST_CASE("a sync that fails keeps what was collected, and a later commit may succeed") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  add(*store, "a-run");
  REQUIRE(store->commit());
  add(*store, "a-run", 2);
  const auto head = read_file(folder.path() / "head");
  sync_fails = true;
  const auto failed = store->commit();
  sync_fails = false;
  REQUIRE(!failed);
  CHECK(failed.error().code == "SH1804");
  CHECK(failed.error().message.find("state.db") != std::string::npos);
  CHECK(store->collected());
  CHECK(read_file(folder.path() / "head") == head);
  REQUIRE(store->commit());
  CHECK(count_of(folder.path(), "a-run") == 3);
  CHECK(store->verify("a-run"));
}

TEST_CASE("a limit on the size of files: the commit fails whole, and succeeds when there is room again") {
  TemporaryFolder folder;
  const int result = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    auto store = open(folder.path(), Mode::write);
    if (!store || !(*store)->take_epoch()) return 1;
    auto entry = sample_entry("a-run");
    if (!(*store)->append(entry) || !(*store)->commit()) return 2;
    const struct rlimit little { 100'000, RLIM_INFINITY };
    const struct rlimit enough { RLIM_INFINITY, RLIM_INFINITY };
    entry.body = std::string(300'000, 'x');
    if (!(*store)->append(entry)) return 3;
    ::setrlimit(RLIMIT_FSIZE, &little);
    const auto refused = (*store)->commit();
    if (code_of(refused) != "SH1804" || !(*store)->collected()) return 4;
    if ((*store)->entries("a-run").value().size() != 1 || !(*store)->verify("a-run")) return 5;
    ::setrlimit(RLIMIT_FSIZE, &enough);
    if (!(*store)->commit() || (*store)->collected()) return 6;
    return (*store)->verify("a-run") && (*store)->entries("a-run").value().size() == 2 ? 0 : 7;
  });
  CHECK(result == 0);
  CHECK(count_of(folder.path(), "a-run") == 2);
}

TEST_CASE("a full disk: the commit fails whole, and succeeds when there is room again") {
  TemporaryFolder folder;
  constexpr int no_mount = 77;
  const int result = in_child([&] {
    // A mount of the child's own, which is gone with it.
    if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return no_mount;
    ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=300k") != 0) return no_mount;
    auto store = open(folder.path(), Mode::write);
    if (!store || !(*store)->take_epoch()) return 1;
    auto entry = sample_entry("a-run");
    if (!(*store)->append(entry) || !(*store)->commit()) return 2;
    write_file(folder.path() / "ballast", std::string(50'000, 'x'));
    entry.body = std::string(120'000, 'x');
    if (!(*store)->append(entry)) return 3;
    write_file(folder.path() / "more", std::string(200'000, 'x'));
    const auto refused = (*store)->commit();
    if (code_of(refused) != "SH1804" || !(*store)->collected()) return 4;
    if (refused.error().message.find("full") == std::string::npos) return 5;
    if (!(*store)->verify("a-run")) return 6;
    std::filesystem::remove(folder.path() / "more");
    std::filesystem::remove(folder.path() / "ballast");
    if (!(*store)->commit()) return 7;
    return (*store)->verify("a-run") && (*store)->entries("a-run").value().size() == 2 ? 0 : 8;
  });
  if (result == no_mount)
    MESSAGE("no tmpfs could be mounted: not tried");
  else
    CHECK(result == 0);
}

TEST_CASE("what was committed or flushed outlives a killed process; what was only collected does not") {
  TemporaryFolder folder;
  const int result = in_child([&] {
    auto store = open(folder.path(), Mode::write);
    if (!store || !(*store)->take_epoch()) return 1;
    for (int i = 0; i < 3; ++i) {
      auto entry = sample_entry("a-run", i);
      if (!(*store)->append(entry)) return 2;
      if (i == 0 && !(*store)->commit()) return 3;
      if (i == 1 && !(*store)->flush()) return 4;
    }
    ::raise(SIGKILL);
    return 5;
  });
  CHECK(result == 128 + SIGKILL);
  CHECK(count_of(folder.path(), "a-run") == 2);
  auto store = writer(folder.path());
  CHECK(store->verify("a-run"));
  CHECK(add(*store, "a-run") == 3);
  CHECK(store->commit());
  CHECK(store->verify("a-run"));
}

TEST_CASE("the log moves into the main file only when a holder closes and no run is open") {
  TemporaryFolder folder;
  const auto main_file = folder.path() / "state.db";
  auto store = writer(folder.path());
  auto run = sample_run("a-run");
  REQUIRE(store->save(run));
  for (int i = 0; i < 1'500; ++i) {
    add(*store, "a-run");
    REQUIRE(store->flush());
  }
  REQUIRE(store->commit());
  CHECK(std::filesystem::file_size(folder.path() / "state.db-wal") > std::uintmax_t{4'096} * 1'000);
  const auto size = std::filesystem::file_size(main_file);
  store.reset();
  CHECK(std::filesystem::file_size(main_file) == size);
  opened(folder.path(), Mode::read).reset();
  opened(folder.path(), Mode::write).reset();
  CHECK(std::filesystem::file_size(main_file) == size);

  store = writer(folder.path());
  run.ended = run.started + 1;
  REQUIRE(store->save(run));
  REQUIRE(store->commit());
  store.reset();
  CHECK(std::filesystem::file_size(main_file) > size);
  std::filesystem::remove(folder.path() / "state.db-wal");
  std::filesystem::remove(folder.path() / "state.db-shm");
  CHECK(count_of(folder.path(), "a-run") == 1'500);
  CHECK(opened(folder.path(), Mode::read)->verify("a-run"));
}

TEST_CASE("another thread may take over") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  add(*store, "a-run");
  std::string failed = "not run";
  std::thread([&] {
    auto entry = sample_entry("a-run");
    failed = code_of(store->append(entry)) + code_of(store->commit());
  }).join();
  CHECK(failed.empty());
  add(*store, "a-run");
  CHECK(store->commit());
  CHECK(store->entries("a-run").value().size() == 3);
}
