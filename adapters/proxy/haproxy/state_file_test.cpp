#include "adapters/proxy/haproxy/state_file.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <asio/io_context.hpp>
#include <fstream>

#include "harness/folder.hpp"
#include "loop/run.hpp"

namespace shunt::haproxy {

namespace {

using std::filesystem::path;

std::ptrdiff_t files_in(const path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

TEST_CASE("the file is replaced as a whole, is readable for all, and nothing stays beside it") {
  const harness::TemporaryFolder folder;
  const auto file = folder / "state";
  CHECK(bool(write_state_file(file, "one\n")));
  CHECK(folder.read("state") == "one\n");
  ::chmod(file.c_str(), 0600);
  const auto before = std::filesystem::last_write_time(file);
  folder.write("state.shunt", "left by a shunt that was killed");
  CHECK(bool(write_state_file(file, "two\n")));
  CHECK(folder.read("state") == "two\n");
  CHECK(std::filesystem::last_write_time(file) >= before);
  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0644);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a dump without health has weights and administrative states as they were, and every server up") {
  const std::string head = "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight\n";
  CHECK(without_health(head + "3 shop 1 blue 127.0.0.1 0 1 100 1 9\n3 shop 2 green 127.0.0.1 2 0 0 1 9\n") ==
        head + "3 shop 1 blue 127.0.0.1 2 1 100 1 9\n3 shop 2 green 127.0.0.1 2 0 0 1 9\n");
  CHECK(without_health("1\n\n3 shop\n3 shop 1 blue 127.0.0.1 0") == "1\n\n3 shop\n3 shop 1 blue 127.0.0.1 2\n");
}

TEST_CASE("what cannot be written says so and keeps the old content") {
  const harness::TemporaryFolder folder;
  const auto missing = write_state_file(folder / "no-such-folder/state", "text");
  REQUIRE_FALSE(bool(missing));
  CHECK(missing.error().code == "SH1507");
  CHECK_FALSE(missing.error().remedy.empty());
  // A folder of that name can be no file.
  std::filesystem::create_directories(folder / "state/inner");
  CHECK(write_state_file(folder / "state", "text").error().code == "SH1507");
  CHECK(files_in(folder.path()) == 1);
  // Nobody follows a link that another user left there.
  folder.write("victim", "untouched");
  std::filesystem::create_symlink(folder / "victim", folder / "other.shunt");
  CHECK(write_state_file(folder / "other", "text").error().code == "SH1507");
  CHECK(folder.read("victim") == "untouched");
}

TEST_CASE("one shunt at a time writes into a folder") {
  const harness::TemporaryFolder folder;
  asio::io_context loop;
  const auto lock = [&](Milliseconds limit) { return loop::run(loop, lock_folder_of(folder / "state", limit)); };
  {
    auto first = lock(Milliseconds(100));
    REQUIRE(bool(first));
    const auto second = lock(Milliseconds(20));
    REQUIRE_FALSE(bool(second));
    CHECK(second.error().code == "SH1507");
  }
  CHECK(bool(lock(Milliseconds(20))));
  CHECK(loop::run(loop, lock_folder_of(folder / "no-such-folder/state", Milliseconds(20))).error().code == "SH1507");
}

}  // namespace

}  // namespace shunt::haproxy
