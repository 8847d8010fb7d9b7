// What the tests of this folder share: a temporary folder, sample rows, forked children, SQL behind the store's back.
#pragma once

#include <doctest/doctest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>

#include "store/store.hpp"

namespace shunt::store {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "shunt_store.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

inline std::unique_ptr<Store> opened(const std::filesystem::path& folder, Mode mode) {
  auto store = open(folder, mode);
  if (!store) FAIL(to_line(store.error()));
  return std::move(*store);
}

inline std::unique_ptr<Store> writer(const std::filesystem::path& folder) {
  auto store = opened(folder, Mode::write);
  REQUIRE(store->take_epoch());
  return store;
}

inline std::string code_of(const auto& result) {
  return result ? "" : result.error().code;
}

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void write_file(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
}

inline void run_sql(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
  CHECK(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(connection);
}

/// Runs `work` in a forked child, at most a minute; its result becomes the exit code.
inline pid_t start_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(60);
    ::_exit(work());
  }
  REQUIRE(child > 0);
  return child;
}

/// The exit code, or 128 + the signal that ended it.
inline int wait_for(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

inline int in_child(const std::function<int()>& work) {
  return wait_for(start_child(work));
}

/// Bytes that are no UTF-8, NaN, infinities, a negative zero, one as an integer and as a float.
inline Value awkward_value() {
  return {{"bytes", std::string("\xff\x00\xfe ok", 6)},
          {"nan", std::numeric_limits<double>::quiet_NaN()},
          {"infinite", -std::numeric_limits<double>::infinity()},
          {"zero", -0.0},
          {"one", 1},
          {"float", 1.0},
          {"none", nullptr},
          {"list", {1, "two", false}}};
}

inline Entry sample_entry(const std::string& run, std::int64_t index = 0) {
  Entry entry;
  entry.run = run;
  entry.branch = "0/3.1";
  entry.index = index;
  entry.kind = "intent";
  entry.verb = "proxy.set";
  entry.args = awkward_value();
  entry.body = {{"undo", {{"verb", "proxy.set"}}}};
  entry.time = 1'795'000'000'000 + index;
  return entry;
}

inline Run sample_run(const std::string& id) {
  Run run;
  run.id = id;
  run.verb = "deploy";
  run.strategy = "gradual";
  run.version = "v2";
  run.reason = "because \xff";
  run.by = "ada@host";
  run.state = "running";
  run.release = "r2";
  run.boot_id = "b00t";
  run.bundle_sha = "abc";
  run.engine_abi = 7;
  run.epoch = 3;
  run.started = 1'795'000'000'000;
  run.inputs = awkward_value();
  run.report = {{"hooks", Value::array()}};
  return run;
}

inline Release sample_release(const std::string& id) {
  Release release;
  release.id = id;
  release.version = "v2";
  release.run = "a-run";
  release.ended = "succeeded";
  release.rolled_back_from = true;
  release.adopted = true;
  release.app_sha = "def";
  release.bundle_sha = "abc";
  release.created = 1'795'000'000'123;
  release.services = {{"web", {{"command", {"/srv/web", "--port", "8080"}}}}};
  return release;
}

inline AppState sample_state() {
  AppState state;
  state.live = Colour::green;
  state.colors = {{"green", {{"release", "r2"}, {"hold_until", 0}}}};
  state.shares = {{"web", {{"blue", 0}, {"green", 100'000}}}};
  state.targets = {{"web", "unix:/run/haproxy.sock web"}};
  return state;
}

inline Notice sample_notice(const std::string& id, const std::string& run) {
  Notice notice;
  notice.id = id;
  notice.run = run;
  notice.event = "rolled_back";
  notice.channel = "webhook";
  notice.config = {{"url", {{"$secret", {{"file", "hook-url"}}}}}};
  notice.payload = {{"text", "v2 was rolled back"}};
  notice.state = "queued";
  notice.created = notice.due = 1'000;
  return notice;
}

inline Message sample_message(const std::string& run) {
  Message message;
  message.run = run;
  message.question = "go on?";
  message.verb = "approve";
  message.by = "bob@host";
  message.reason = "looks good";
  message.time = 1'795'000'000'456;
  return message;
}

/// All that a value holds, as bytes: NaN equals NaN here.
inline std::string content_of(const Entry& entry) {
  return encode(Value::array({entry.run, entry.seq, entry.branch, entry.index, entry.kind, entry.verb, entry.args,
                              entry.body, entry.epoch, entry.time, entry.hash}));
}

inline std::string content_of(const Run& run) {
  return encode(Value::array({run.id, run.verb, run.strategy, run.version, run.reason, run.by, run.state, run.release,
                              run.boot_id, run.bundle_sha, run.engine_abi, run.epoch, run.started, run.ended, run.exit,
                              run.inputs, run.report}));
}

inline std::string content_of(const Release& release) {
  return encode(
      Value::array({release.id, release.version, release.run, release.ended, release.rolled_back_from, release.adopted,
                    release.app_sha, release.bundle_sha, release.created, release.services}));
}

inline std::string content_of(const AppState& state) {
  return encode(
      Value::array({state.live ? text_of(*state.live) : std::string(), state.colors, state.shares, state.targets}));
}

inline std::string content_of(const Message& message) {
  return encode(Value::array({message.id, message.run, message.question, message.verb, message.by, message.reason,
                              message.time, message.taken}));
}

}  // namespace shunt::store
