#include "supervise/log.hpp"

#include <doctest/doctest.h>
#include <poll.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace shunt::supervise {

namespace {

constexpr std::int64_t limit = 64 * 1024;

struct Folder {
  Folder() { REQUIRE(::mkdtemp(path.data()) != nullptr); }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string text(const std::string& file) const {
    std::ostringstream text;
    text << std::ifstream(path + "/" + file, std::ios::binary).rdbuf();
    return text.str();
  }
  std::string path = (std::filesystem::temp_directory_path() / "shunt-log-XXXXXX").string();
};

/// Lines of eight bytes, numbered from `first`.
std::string lines(int first, int count) {
  std::string text;
  for (int i = first; i < first + count; ++i) text += std::to_string(10'000'000 + i).substr(1) + "\n";
  return text;
}

void write_to(const Log& log, const std::string& text) {
  REQUIRE(::write(log.descriptor(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

TEST_CASE("a short log is left alone") {
  const Folder folder;
  Log log(folder.path + "/log", folder.path + "/log.1");
  write_to(log, lines(0, 100));
  log.rotate_if_long(limit);
  CHECK(folder.text("log") == lines(0, 100));
  CHECK_FALSE(std::filesystem::exists(folder.path + "/log.1"));
}

TEST_CASE("a long log becomes the old one, and nothing is lost for whoever goes on writing") {
  const Folder folder;
  Log log(folder.path + "/log", folder.path + "/log.1");
  write_to(log, lines(0, 8192));
  log.rotate_if_long(limit);
  write_to(log, lines(8192, 10));
  CHECK(folder.text("log").size() <= 4096 + 80);
  CHECK(folder.text("log.1") + folder.text("log") == lines(0, 8202));
}

TEST_CASE("of a very long log the end is kept") {
  const Folder folder;
  Log log(folder.path + "/log", folder.path + "/log.1");
  write_to(log, lines(0, 100'000));
  log.rotate_if_long(limit);
  CHECK(folder.text("log.1").size() <= static_cast<std::size_t>(limit));
  const auto kept = folder.text("log.1") + folder.text("log");
  CHECK(lines(0, 100'000).ends_with(kept));
  CHECK(kept.size() >= static_cast<std::size_t>(limit) - 4096);
}

TEST_CASE("changes are told once, and a folder that is not there is said so") {
  const Folder folder;
  Log log(folder.path + "/log", folder.path + "/log.1");
  pollfd watched = {log.changes(), POLLIN, 0};
  CHECK(::poll(&watched, 1, 0) == 0);
  log.add_line("hello");
  CHECK(::poll(&watched, 1, 0) == 1);
  log.forget_changes();
  CHECK(::poll(&watched, 1, 0) == 0);
  CHECK(folder.text("log") == "hello\n");
  CHECK(Log("/nonexistent/log", "/nonexistent/log.1").descriptor() == -1);
}

}  // namespace

}  // namespace shunt::supervise
