#include "store/store.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include "store/run_id.hpp"
#include "store/test_store.hpp"

using namespace shunt;
using namespace shunt::store;

namespace {

int mode_of(const std::filesystem::path& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return static_cast<int>(info.st_mode & 07777);
}

}  // namespace

TEST_CASE("everything comes back as it was given") {
  TemporaryFolder folder;
  auto entry = sample_entry("a-run", 4);
  {
    auto store = writer(folder.path());
    CHECK(store->append(entry).value() == 1);
    REQUIRE(store->save(sample_run("a-run")));
    REQUIRE(store->save(sample_release("r2")));
    REQUIRE(store->save(sample_state()));
    REQUIRE(store->commit());
  }
  auto store = opened(folder.path(), Mode::read);
  const auto entries = store->entries("a-run").value();
  REQUIRE(entries.size() == 1);
  CHECK(entries.front().seq == 1);
  CHECK(entries.front().epoch == 1);
  CHECK(entries.front().hash.size() == 64);
  entry.seq = entries.front().seq;
  entry.epoch = entries.front().epoch;
  entry.hash = entries.front().hash;
  CHECK(content_of(entries.front()) == content_of(entry));
  CHECK(content_of(**store->run("a-run")) == content_of(sample_run("a-run")));
  CHECK(content_of(**store->release("r2")) == content_of(sample_release("r2")));
  CHECK(content_of(*store->state()) == content_of(sample_state()));
  CHECK(store->verify("a-run"));
}

TEST_CASE("what is not there is nothing, not an error") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  CHECK(store->entries("none").value().empty());
  CHECK(!store->run("none").value());
  CHECK(!store->release("none").value());
  CHECK(!store->blob("none").value());
  CHECK(store->runs(10).value().empty());
  CHECK(store->releases().value().empty());
  CHECK(store->inbox("none").value().empty());
  CHECK(!store->state().value().live);
  CHECK(store->state().value().colors == Value::object());
  CHECK(store->verify("none"));
}

TEST_CASE("rows are replaced by id and listed newest first, whatever the clock says") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  std::int64_t clock = 3'000;
  for (const auto* id : {"first", "second", "third"}) {
    auto run = sample_run(id);
    auto release = sample_release(id);
    run.started = release.created = clock;
    clock -= 1'000;
    REQUIRE(store->save(run));
    REQUIRE(store->save(release));
    REQUIRE(store->commit());
  }
  auto again = sample_run("first");
  again.state = "succeeded";
  auto marked = sample_release("first");
  marked.ended = "rolled_back";
  REQUIRE(store->save(again));
  REQUIRE(store->save(marked));
  REQUIRE(store->commit());

  const auto runs = store->runs(2).value();
  REQUIRE(runs.size() == 2);
  CHECK(runs.at(0).id == "third");
  CHECK(runs.at(1).id == "second");
  CHECK(store->runs(0).value().empty());
  CHECK(store->run("first").value()->state == "succeeded");
  const auto releases = store->releases().value();
  REQUIRE(releases.size() == 3);
  CHECK(releases.at(0).id == "third");
  CHECK(releases.at(2).ended == "rolled_back");
}

TEST_CASE("each run has a chain of its own, in the order of append") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  for (const auto* run : {"a", "b", "a", "b", "a"}) {
    auto entry = sample_entry(run);
    REQUIRE(store->append(entry));
  }
  REQUIRE(store->commit());
  const auto entries = store->entries("a").value();
  REQUIRE(entries.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(entries.at(i).seq == static_cast<std::int64_t>(i) + 1);
  CHECK(entries.at(0).hash != entries.at(1).hash);
  CHECK(store->entries("b").value().size() == 2);
  CHECK(entries.at(0).hash != store->entries("b").value().at(0).hash);

  store = writer(folder.path());
  CHECK(store->append(sample_entry("b")).value() == 3);
  REQUIRE(store->commit());
  CHECK(store->verify("a"));
  CHECK(store->verify("b"));
}

TEST_CASE("a hash covers all that came before, and every field") {
  TemporaryFolder folder;
  const auto hashes = [&](const std::string& name, const Entry& first, const Entry& second) {
    auto store = writer(folder.path() / name);
    REQUIRE(store->append(first));
    REQUIRE(store->append(second));
    REQUIRE(store->commit());
    return store->entries(second.run).value().back().hash;
  };
  const auto entry = sample_entry("a-run");
  const auto hash = hashes("same", entry, entry);
  CHECK(hashes("again", entry, entry) == hash);
  std::vector<Entry> others(8, entry);
  others.at(0).run = "b-run";
  others.at(1).branch = "0";
  others.at(2).index = 1;
  others.at(3).kind = "result";
  others.at(4).verb = "shift";
  others.at(5).args["nan"] = 0;
  others.at(6).body = nullptr;
  others.at(7).time += 1;
  for (std::size_t i = 0; i < others.size(); ++i) {
    CAPTURE(i);
    CHECK(hashes("this" + std::to_string(i), entry, others.at(i)) != hash);
    if (i > 0) CHECK(hashes("before" + std::to_string(i), others.at(i), entry) != hash);
  }
}

TEST_CASE("the same bytes are stored once") {
  TemporaryFolder folder;
  const std::string bytes("strategy\0\xff", 10);
  auto store = writer(folder.path());
  const auto first = store->put_blob(bytes).value();
  CHECK(first == sha256(bytes));
  CHECK(store->put_blob(bytes).value() == first);
  REQUIRE(store->commit());
  CHECK(store->put_blob(bytes).value() == first);
  REQUIRE(store->put_blob(""));
  REQUIRE(store->commit());
  CHECK(store->blob(first).value() == bytes);
  CHECK(store->blob(sha256("")).value() == "");

  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open((folder.path() / "state.db").c_str(), &connection) == SQLITE_OK);
  sqlite3_stmt* count = nullptr;
  REQUIRE(sqlite3_prepare_v2(connection, "SELECT count(*) FROM blob", -1, &count, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_step(count) == SQLITE_ROW);
  CHECK(sqlite3_column_int(count, 0) == 2);
  sqlite3_finalize(count);
  sqlite3_close(connection);
}

TEST_CASE("the inbox takes messages from whoever has the store open, and keeps their order") {
  TemporaryFolder folder;
  auto holder = writer(folder.path());
  auto visitor = opened(folder.path(), Mode::write);
  auto entry = sample_entry("a-run");
  REQUIRE(holder->append(entry));  // collected, and no transaction is open
  const auto first = visitor->post(sample_message("a-run")).value();
  auto second = sample_message("a-run");
  second.verb = "abort";
  second.question = "";
  REQUIRE(visitor->post(second).value() > first);
  REQUIRE(visitor->post(sample_message("another")));

  auto messages = holder->inbox("a-run").value();
  REQUIRE(messages.size() == 2);
  auto expected = sample_message("a-run");
  expected.id = first;
  CHECK(content_of(messages.at(0)) == content_of(expected));
  CHECK(messages.at(1).verb == "abort");
  REQUIRE(holder->take(messages.at(0)));
  CHECK(!visitor->inbox("a-run").value().at(0).taken);
  REQUIRE(holder->commit());
  messages = visitor->inbox("a-run").value();
  CHECK(messages.at(0).taken);
  CHECK(!messages.at(1).taken);
  CHECK(holder->verify("a-run"));

  Message unknown;
  unknown.id = 99;
  REQUIRE(holder->take(unknown));
  CHECK(holder->commit());
}

TEST_CASE("files and folders are the owner's alone, whatever the umask") {
  TemporaryFolder folder;
  for (const mode_t mask : {mode_t{0}, mode_t{0022}, mode_t{0777}}) {
    const auto root = folder.path() / std::to_string(mask);
    const auto before = ::umask(mask);
    {
      auto store = writer(root / "app");
      auto entry = sample_entry("a-run");
      REQUIRE(store->append(entry));
      REQUIRE(store->commit());
    }
    ::umask(before);
    CHECK(mode_of(root) == 0700);
    CHECK(mode_of(root / "app") == 0700);
    for (const auto* name : {"state.db", "state.db-wal", "state.db-shm", "head"}) {
      CAPTURE(name);
      CHECK(mode_of(root / "app" / name) == 0600);
    }
  }
}

TEST_CASE("a file with a wider mode is narrowed, a folder that was there is left alone") {
  TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  writer(folder.path()).reset();
  std::filesystem::permissions(folder.path() / "state.db", std::filesystem::perms(0644));
  writer(folder.path()).reset();
  CHECK(mode_of(folder.path() / "state.db") == 0600);
  CHECK(mode_of(folder.path()) == 0755);
}

TEST_CASE("reading where there is no store says so and leaves nothing behind") {
  TemporaryFolder folder;
  CHECK(code_of(open(folder.path(), Mode::read)) == "SH1805");
  CHECK(code_of(open(folder.path() / "no" / "such", Mode::read)) == "SH1805");
  CHECK(std::filesystem::is_empty(folder.path()));

  write_file(folder.path() / "state.db", "");
  CHECK(code_of(open(folder.path(), Mode::read)) == "SH1805");
  CHECK(opened(folder.path(), Mode::write)->state());

  // What is left of a creation that was killed between its two steps.
  const auto half = folder.path() / "half";
  std::filesystem::create_directory(half);
  run_sql(half / "state.db", "PRAGMA journal_mode = WAL");
  CHECK(code_of(open(half, Mode::read)) == "SH1805");
  CHECK(opened(half, Mode::write)->state());
  CHECK(opened(half, Mode::read)->state());
}

TEST_CASE("a store that somebody took out of its mode is refused for writing") {
  TemporaryFolder folder;
  writer(folder.path()).reset();
  run_sql(folder.path() / "state.db", "PRAGMA journal_mode = DELETE");
  CHECK(code_of(open(folder.path(), Mode::write)) == "SH1801");
}

TEST_CASE("what cannot be a store is refused with the reason") {
  TemporaryFolder folder;
  write_file(folder.path() / "state.db", std::string(20'000, 'x'));
  for (const auto mode : {Mode::read, Mode::write}) CHECK(code_of(open(folder.path(), mode)) == "SH1801");
  CHECK(read_file(folder.path() / "state.db") == std::string(20'000, 'x'));

  write_file(folder.path() / "file", "");
  const auto below = open(folder.path() / "file", Mode::write);
  REQUIRE(!below);
  CHECK(below.error().code == "SH1801");
  CHECK(below.error().message.find("Not a directory") != std::string::npos);

  const auto other = folder.path() / "other";
  std::filesystem::create_directory(other);
  run_sql(other / "state.db", "CREATE TABLE something (else_)");
  for (const auto mode : {Mode::read, Mode::write}) CHECK(code_of(open(other, mode)) == "SH1801");
}

TEST_CASE("a store of a newer layout is refused, and says so") {
  TemporaryFolder folder;
  writer(folder.path()).reset();
  run_sql(folder.path() / "state.db", "PRAGMA user_version = 3");
  for (const auto mode : {Mode::read, Mode::write}) {
    const auto store = open(folder.path(), mode);
    REQUIRE(!store);
    CHECK(store.error().code == "SH1808");
    CHECK(store.error().message.find("layout 3") != std::string::npos);
  }
}

TEST_CASE("a store of an older layout can be read as it is, and is brought up to date by whoever writes") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  REQUIRE(store->save(sample_run("a-run")));
  REQUIRE(store->commit());
  store.reset();
  run_sql(folder.path() / "state.db", "DROP TABLE notice; PRAGMA user_version = 1");

  auto reader = opened(folder.path(), Mode::read);
  CHECK(reader->notices("queued").value().empty());
  CHECK(reader->verify("a-run"));
  reader.reset();

  store = writer(folder.path());
  REQUIRE(store->run("a-run").value());
  REQUIRE(store->save(sample_notice("first", "a-run")));
  REQUIRE(store->commit());
  CHECK(store->verify("a-run"));
  store.reset();
  CHECK(opened(folder.path(), Mode::read)->notices("queued").value().size() == 1);
}

TEST_CASE("notices are found by what became of them, and by their run, oldest first") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  for (const char* id : {"first", "second", "third"}) REQUIRE(store->save(sample_notice(id, "a-run")));
  REQUIRE(store->save(sample_notice("another", "b-run")));
  CHECK(store->notices("queued").value().empty());
  REQUIRE(store->commit());

  auto second = sample_notice("second", "a-run");
  second.state = "sent";
  second.attempts = 2;
  second.due = 3'000;
  second.error = "the first attempt was refused";
  REQUIRE(store->save(second));
  REQUIRE(store->commit());

  const auto queued = store->notices("queued").value();
  REQUIRE(queued.size() == 3);
  CHECK(queued[0].id == "first");
  CHECK(queued[2].id == "another");
  const auto of_run = store->notices_of("a-run").value();
  REQUIRE(of_run.size() == 3);
  CHECK(of_run[1].state == "sent");
  CHECK(of_run[1].attempts == 2);
  CHECK(of_run[1].due == 3'000);
  CHECK(of_run[1].error == second.error);
  CHECK(of_run[1].config == second.config);
  CHECK(of_run[1].payload == second.payload);
  CHECK(store->verify("a-run"));
}

TEST_CASE("a store that was opened for reading writes nothing") {
  TemporaryFolder folder;
  writer(folder.path()).reset();
  auto store = opened(folder.path(), Mode::read);
  auto entry = sample_entry("a-run");
  CHECK(code_of(store->take_epoch()) == "SH1804");
  CHECK(code_of(store->append(entry)) == "SH1804");
  CHECK(code_of(store->save(sample_run("a-run"))) == "SH1804");
  CHECK(code_of(store->put_blob("bytes")) == "SH1804");
  CHECK(code_of(store->post(sample_message("a-run"))) == "SH1804");
  CHECK(!store->collected());
  CHECK(store->commit());
  CHECK(store->runs(1).value().empty());
}

TEST_CASE("a reader in another process sees whole commits, in order, while a writer works") {
  TemporaryFolder folder;
  auto store = writer(folder.path());
  const pid_t reader = start_child([&] {
    auto mine = open(folder.path(), Mode::read);
    if (!mine) return 1;
    std::size_t seen = 0;
    while (seen < 200) {
      const auto entries = (*mine)->entries("a-run");
      if (!entries || entries->size() < seen || entries->size() % 2 != 0) return 2;
      seen = entries->size();
      if (!(*mine)->verify("a-run") || !(*mine)->state()) return 3;
    }
    return 0;
  });
  for (int i = 0; i < 100; ++i) {
    for (int half = 0; half < 2; ++half) {
      auto entry = sample_entry("a-run", i);
      REQUIRE(store->append(entry));
    }
    REQUIRE(store->save(sample_state()));
    REQUIRE((i % 3 == 0 ? store->flush() : store->commit()));
  }
  REQUIRE(store->commit());
  CHECK(wait_for(reader) == 0);
}

TEST_CASE("many processes may create a store at the same time") {
  TemporaryFolder folder;
  constexpr int tries = 30;
  constexpr int processes = 6;
  for (int i = 0; i < tries; ++i) {
    const auto place = folder.path() / std::to_string(i);
    std::vector<pid_t> children;
    for (int j = 0; j < processes; ++j)
      children.push_back(start_child([&] {
        auto store = open(place, Mode::write);
        return store && (*store)->post(sample_message("a-run")) ? 0 : 1;
      }));
    for (const auto child : children) CHECK(wait_for(child) == 0);
    CHECK(opened(place, Mode::read)->inbox("a-run").value().size() == processes);
  }
}
