#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "files/whole_file.hpp"

namespace fs = std::filesystem;
using namespace shunt::files;

namespace {

struct Folder {
  fs::path path;

  Folder() {
    auto name = (fs::temp_directory_path() / "shunt-files-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) path = name;
  }
  ~Folder() { fs::remove_all(path); }
};

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

mode_t mode_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

}  // namespace

TEST_CASE("a file is made and replaced, readable for all whatever the umask, and nothing is left beside it") {
  const Folder folder;
  const auto before = ::umask(077);
  CHECK_FALSE(write_whole(folder.path / "a", "one"));
  ::umask(before);
  CHECK(content(folder.path / "a") == "one");
  CHECK(mode_of(folder.path / "a") == 0644);
  const std::string bytes("two\0\xff", 5);
  CHECK_FALSE(write_whole(folder.path / "a", bytes));
  CHECK(content(folder.path / "a") == bytes);
  CHECK(std::distance(fs::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("what cannot be written is said, and the old content stays") {
  const Folder folder;
  CHECK(write_whole(folder.path / "no" / "a", "x") == std::errc::no_such_file_or_directory);
  fs::create_directory(folder.path / "a");
  CHECK(write_whole(folder.path / "a", "x") == std::errc::is_a_directory);
  CHECK(fs::is_directory(folder.path / "a"));
  CHECK_FALSE(fs::exists(folder.path / "a.shunt"));
  fs::create_symlink("elsewhere", folder.path / "b.shunt");
  CHECK(write_whole(folder.path / "b", "x") == std::errc::too_many_symbolic_link_levels);
  CHECK(sync_folder(folder.path / "no") == std::errc::no_such_file_or_directory);
}

TEST_CASE("folders are made with those above them, open to all; those that exist keep their mode") {
  const Folder folder;
  const auto before = ::umask(077);
  CHECK_FALSE(make_open_folder(folder.path / "x" / "y"));
  ::umask(before);
  CHECK(mode_of(folder.path / "x") == 0755);
  CHECK(mode_of(folder.path / "x" / "y") == 0755);
  CHECK(mode_of(folder.path) == 0700);
  CHECK_FALSE(make_open_folder(folder.path / "x" / "y"));
  std::ofstream(folder.path / "file") << "x";
  CHECK(make_open_folder(folder.path / "file") == std::errc::not_a_directory);
}
