// Whatever a disk does to a store, it is told or it does not matter: never a wrong answer in silence.
#include "config/test_size.hpp"
#include "store/test_store.hpp"

using namespace shunt;
using namespace shunt::store;

namespace {

constexpr const char* first_run = "20261121-043713-aaaa";
constexpr const char* second_run = "20261121-043714-bbbb";

void append(Store& store, const std::string& run, int count) {
  for (int i = 0; i < count; ++i) {
    auto entry = sample_entry(run, i);
    REQUIRE(store.append(entry));
  }
}

/// Two runs, a release, the app's state, a message, a stored file. `ended` decides whether the log goes into the main
/// file.
void fill(const std::filesystem::path& folder, std::int64_t ended) {
  auto store = writer(folder);
  for (const auto* id : {first_run, second_run}) {
    auto run = sample_run(id);
    REQUIRE(store->save(run));
    append(*store, id, 3);
    REQUIRE(store->commit());
    run.ended = ended;
    REQUIRE(store->save(run));
    append(*store, id, 2);
    REQUIRE(store->save(sample_release(id)));
    REQUIRE(store->save(sample_state()));
    REQUIRE(store->put_blob("deploy.lua"));
    REQUIRE(store->post(sample_message(id)));
    REQUIRE(store->take(store->inbox(id).value().front()));
    REQUIRE(store->commit());
  }
}

/// All that can be read, or nothing when anything was reported on the way.
std::optional<std::string> content_of(const std::filesystem::path& folder) {
  auto opened = open(folder, Mode::read);
  if (!opened) return std::nullopt;
  Store& store = **opened;
  std::string content;
  const auto add = [&](const auto& items) {
    if (!items) return false;
    for (const auto& item : *items) content += store::content_of(item);
    return true;
  };
  const auto runs = store.runs(10);
  const auto state = store.state();
  const auto blob = store.blob(sha256("deploy.lua"));
  if (!add(runs) || !add(store.releases()) || !state || !blob || !*blob) return std::nullopt;
  content += store::content_of(*state) + **blob;
  for (const auto* id : {first_run, second_run}) {
    const auto run = store.run(id);
    if (!run || !*run || !add(store.entries(id)) || !add(store.inbox(id)) || !store.verify(id)) return std::nullopt;
  }
  return content;
}

void copy_without_index(const std::filesystem::path& from, const std::filesystem::path& to) {
  std::filesystem::remove_all(to);
  std::filesystem::create_directory(to);
  for (const auto* name : {"state.db", "state.db-wal", "head"})
    if (std::filesystem::exists(from / name)) std::filesystem::copy_file(from / name, to / name);
}

struct Tally {
  int tried = 0;
  int reported = 0;
  int wrong = 0;
};

const int each = shunt::test::size(5, 1);

/// Flips one bit of each byte of one file, each time in an otherwise sound copy of the store. Zeros are mostly unused
/// space: of them every 17th. In an ordinary run every fifth of all these bytes.
Tally flip_bits(const std::filesystem::path& sound, const std::filesystem::path& copy, const char* name) {
  Tally tally;
  copy_without_index(sound, copy);
  const auto expected = content_of(copy);
  REQUIRE(expected);
  const std::string bytes = read_file(sound / name);
  int looked_at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == 0 && i % 17 != 0) continue;
    if (looked_at++ % each != 0) continue;
    std::filesystem::remove(copy / "state.db-shm");
    if (!std::filesystem::exists(sound / "state.db-wal")) std::filesystem::remove(copy / "state.db-wal");
    std::fstream file(copy / name, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(i)).put(static_cast<char>(bytes[i] ^ (1 << (i % 8)))).flush();
    const auto content = content_of(copy);
    file.seekp(static_cast<std::streamoff>(i)).put(bytes[i]).flush();
    ++tally.tried;
    if (!content) ++tally.reported;
    if (content && *content != *expected) {
      ++tally.wrong;
      MESSAGE("wrong in silence: byte " << i << " of " << std::string(name));
    }
  }
  return tally;
}

}  // namespace

TEST_CASE("a flipped bit in the main file, the log or the head is reported or harmless") {
  TemporaryFolder folder;
  const auto settled = folder.path() / "settled";
  const auto open_run = folder.path() / "open";
  fill(settled, 1);
  fill(open_run, 0);
  std::filesystem::remove(settled / "state.db-wal");
  std::filesystem::remove(settled / "state.db-shm");

  const auto main_file = flip_bits(settled, folder.path() / "copy", "state.db");
  CHECK(main_file.wrong == 0);
  CHECK(main_file.tried * each > 5'000);
  CHECK(main_file.reported * each > 3'000);
  const auto log = flip_bits(open_run, folder.path() / "copy", "state.db-wal");
  CHECK(log.wrong == 0);
  CHECK(log.tried * each > 5'000);
  CHECK(log.reported == log.tried);
  const auto head = flip_bits(settled, folder.path() / "copy", "head");
  CHECK(head.wrong == 0);
  CHECK(head.reported * each > 50);
  CHECK((main_file.tried + log.tried + head.tried) * each >= 10'000);
  MESSAGE("main file " << main_file.reported << "/" << main_file.tried << " reported, log " << log.reported << "/"
                       << log.tried << ", head " << head.reported << "/" << head.tried);
}

TEST_CASE("a log that lost its end, at any place, is reported") {
  TemporaryFolder folder;
  const auto sound = folder.path() / "sound";
  const auto copy = folder.path() / "copy";
  fill(sound, 0);
  const auto size = std::filesystem::file_size(sound / "state.db-wal");
  for (std::uintmax_t left = 0; left < size; left += 1'030) {
    copy_without_index(sound, copy);
    std::filesystem::resize_file(copy / "state.db-wal", left);
    CAPTURE(left);
    auto store = opened(copy, Mode::read);
    CHECK(code_of(store->verify(second_run)) == "SH1802");
    CHECK(code_of(store->state()) == "SH1802");
    CHECK(code_of(opened(copy, Mode::write)->take_epoch()) == "SH1802");
  }
}

TEST_CASE("rows that were removed or changed are named") {
  TemporaryFolder folder;
  const std::string of_first = std::string(" WHERE run = '") + first_run + "'";
  const std::vector<std::pair<std::string, std::int64_t>> changes = {
      {"DELETE FROM entry" + of_first + " AND seq = 5", 5},
      {"DELETE FROM entry" + of_first + " AND seq = 2", 2},
      {"DELETE FROM entry" + of_first, 1},
      {"UPDATE entry SET verb = 'shift'" + of_first + " AND seq = 3", 3},
      {"UPDATE entry SET time = time + 1" + of_first + " AND seq = 4", 4},
      {"UPDATE entry SET hash = upper(hash)" + of_first + " AND seq = 1", 1},
      {"UPDATE run SET version = 'v9'", 0},
      {"DELETE FROM \"release\"", 0},
      {"DELETE FROM app", 0},
      {"DELETE FROM inbox WHERE number = 1", 0},
      {"UPDATE store SET epoch = 7", 0},
      {"DELETE FROM store", 0},
  };
  int tried = 0;
  for (const auto& [sql, seq] : changes) {
    CAPTURE(sql);
    const auto place = folder.path() / std::to_string(tried++);
    fill(place, 1);
    run_sql(place / "state.db", sql);
    const auto verified = opened(place, Mode::read)->verify(first_run);
    REQUIRE(!verified);
    CHECK(verified.error().code == "SH1802");
    if (seq > 0) CHECK(verified.error().evidence == Value{{"run", first_run}, {"seq", seq}});
  }
}

TEST_CASE("a stored file that changed is not given out") {
  TemporaryFolder folder;
  fill(folder.path(), 1);
  run_sql(folder.path() / "state.db", "UPDATE blob SET bytes = x'00'");
  CHECK(code_of(opened(folder.path(), Mode::read)->blob(sha256("deploy.lua"))) == "SH1802");
}

TEST_CASE("the operator may accept what is left") {
  TemporaryFolder folder;
  const auto copy = folder.path() / "copy";
  fill(folder.path() / "sound", 0);
  copy_without_index(folder.path() / "sound", copy);
  std::filesystem::resize_file(copy / "state.db-wal", std::filesystem::file_size(copy / "state.db-wal") - 1);
  {
    auto store = opened(copy, Mode::read);
    const auto lost = store->verify(second_run);
    REQUIRE(!lost);
    CHECK(lost.error().remedy.find((copy / "head").string()) != std::string::npos);
    CHECK(lost.error().evidence == Value{{"run", second_run}, {"seq", 5}});
  }
  std::filesystem::remove(copy / "head");
  auto store = writer(copy);
  CHECK(store->verify(second_run));
  append(*store, second_run, 1);
  CHECK(store->commit());
  CHECK(store->verify(second_run));
}

TEST_CASE("records that were lost without any entry are missed too") {
  TemporaryFolder folder;
  const auto sound = folder.path() / "sound";
  const auto copy = folder.path() / "copy";
  {
    auto store = writer(sound);
    REQUIRE(store->save(sample_run(first_run)));
    append(*store, first_run, 1);
    REQUIRE(store->commit());
    REQUIRE(store->save(sample_state()));
    REQUIRE(store->commit());
  }
  copy_without_index(sound, copy);
  std::filesystem::resize_file(copy / "state.db-wal", std::filesystem::file_size(copy / "state.db-wal") - 1);
  CHECK(code_of(opened(copy, Mode::read)->state()) == "SH1802");
  CHECK(code_of(opened(copy, Mode::read)->verify(first_run)) == "SH1802");
}

TEST_CASE("a store whose file is gone, but not its head, is not taken for a new one") {
  TemporaryFolder folder;
  fill(folder.path() / "app", 1);
  std::filesystem::remove(folder.path() / "app" / "state.db");
  for (const auto mode : {Mode::read, Mode::write}) CHECK(code_of(open(folder.path() / "app", mode)) == "SH1801");
  write_file(folder.path() / "app" / "state.db", "");
  for (const auto mode : {Mode::read, Mode::write}) CHECK(code_of(open(folder.path() / "app", mode)) == "SH1801");

  std::filesystem::remove(folder.path() / "app" / "state.db-wal");
  run_sql(folder.path() / "app" / "state.db", "PRAGMA journal_mode = WAL");
  REQUIRE(std::filesystem::file_size(folder.path() / "app" / "state.db") > 0);
  for (const auto mode : {Mode::read, Mode::write}) CHECK(code_of(open(folder.path() / "app", mode)) == "SH1801");
}

TEST_CASE("a head file that a power cut left empty, torn or old is no alarm") {
  TemporaryFolder folder;
  fill(folder.path(), 1);
  const auto head = read_file(folder.path() / "head");
  for (const auto& text : {std::string(), std::string(100, '\0'), head.substr(0, head.size() / 2)}) {
    write_file(folder.path() / "head", text);
    CHECK(opened(folder.path(), Mode::read)->verify(second_run));
  }
  write_file(folder.path() / "head", head);
  {
    auto store = writer(folder.path());
    append(*store, second_run, 1);
    REQUIRE(store->commit());
  }
  write_file(folder.path() / "head", head);
  CHECK(opened(folder.path(), Mode::read)->verify(second_run));
}
