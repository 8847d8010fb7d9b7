#include "adapters/runtime/process/output.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace shunt::adapters::process {

namespace {

struct Output {
  Output() { REQUIRE(::mkdtemp(paths.folder.data()) != nullptr); }
  ~Output() { std::filesystem::remove_all(paths.folder); }
  void write(const std::string& old, const std::string& now) const {
    std::ofstream(paths.old_log(), std::ios::binary) << old;
    std::ofstream(paths.log(), std::ios::binary) << now;
  }
  supervise::Paths paths{(std::filesystem::temp_directory_path() / "shunt-output-XXXXXX").string()};
};

TEST_CASE("the last lines are the last lines, across both files") {
  const Output output;
  CHECK(last_lines(output.paths, 10).empty());
  output.write("a\nb\nc", "c\nd\ne\n");
  CHECK(last_lines(output.paths, 0).empty());
  CHECK(last_lines(output.paths, 1) == "e\n");
  CHECK(last_lines(output.paths, 2) == "d\ne\n");
  CHECK(last_lines(output.paths, 3) == "cc\nd\ne\n");
  CHECK(last_lines(output.paths, 4) == "b\ncc\nd\ne\n");
  CHECK(last_lines(output.paths, 100) == "a\nb\ncc\nd\ne\n");
}

TEST_CASE("a last line that is not finished counts, and so do empty ones") {
  const Output output;
  output.write("", "a\n\nb");
  CHECK(last_lines(output.paths, 1) == "b");
  CHECK(last_lines(output.paths, 2) == "\nb");
  output.write("", "\n\n");
  CHECK(last_lines(output.paths, 1) == "\n");
}

TEST_CASE("more than a block and less than all is read of a large file, and never more than 1 MiB told") {
  const Output output;
  std::string large;
  for (int i = 0; i < 300'000; ++i) large += std::to_string(1'000'000 + i) + "\n";
  output.write("old\n", large);
  CHECK(last_lines(output.paths, 20'000) == large.substr(large.size() - 20'000 * 8));
  const auto all = last_lines(output.paths, 10'000'000);
  CHECK(all.size() <= 1024 * 1024);
  CHECK(all.size() > 1000 * 1024);
  CHECK(large.ends_with(all));
  CHECK(all.find('\n') == 7);
}

}  // namespace

}  // namespace shunt::adapters::process
