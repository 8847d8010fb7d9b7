#include "process/launch.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>

using namespace shunt;
using process::find_program;

namespace {

/// A folder that goes with its test.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "shunt-launch-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path); }
  Folder(const Folder&) = delete;

  std::string file(const std::string& name, const std::string& text, mode_t mode) const {
    const auto full = path / name;
    std::filesystem::create_directories(full.parent_path());
    std::ofstream(full) << text;
    ::chmod(full.c_str(), mode);
    return full;
  }

  std::filesystem::path path;
};

std::string refusal(process::Command command) {
  const auto result = process::launch(command);
  if (result) return "started";
  CHECK(result.error().code == "SH1711");
  CHECK_FALSE(result.error().remedy.empty());
  return result.error().message;
}

process::Command command(std::vector<std::string> argv) {
  return process::Command(std::move(argv));
}

}  // namespace

TEST_CASE("a program is the first executable file of its name in PATH") {
  const Folder folder;
  folder.file("one/tool", "text", 0644);
  folder.file("two/tool/inside", "", 0644);  // here it is a folder
  const auto three = folder.file("three/tool", "", 0755);
  const auto dir = folder.path.string();
  CHECK(find_program("tool", dir + "/none:" + dir + "/one:" + dir + "/two:" + dir + "/three", "").path == three);
  CHECK(find_program("tool", dir + "/one", "").error == EACCES);
  CHECK(find_program("tool", dir + "/none", "").error == ENOENT);
  CHECK(find_program("tool", "", "").error == ENOENT);
  CHECK(find_program("tool", "three", dir).path == "three/tool");
  CHECK(find_program("tool", "", dir + "/three").path == "./tool");
  CHECK(find_program("./tool", "", "").path == "./tool");
}

TEST_CASE("a program that cannot be started says why") {
  const Folder folder;
  const auto plain = folder.file("plain", "text", 0644);
  const auto garbage = folder.file("garbage", "text", 0755);
  const auto orphan = folder.file("orphan", "#!/no/such/interpreter\n", 0755);
  CHECK(refusal(command({})) == "cannot start a command: the argument list is empty");
  CHECK(refusal(command({""})) == "cannot start : the argument list is empty");
  CHECK(refusal(command({"no-such-program-anywhere"})) ==
        "cannot start no-such-program-anywhere: there is no program of that name in PATH");
  CHECK(refusal(command({"/no/such/file"})) == "cannot start /no/such/file: there is no such file");
  CHECK(refusal(command({plain})) == "cannot start " + plain + ": it may not be executed");
  CHECK(refusal(command({folder.path})) == "cannot start " + folder.path.string() + ": it may not be executed");
  CHECK(refusal(command({garbage})) ==
        "cannot start " + garbage + ": it is neither a program nor a script with a #! line");
  CHECK(refusal(command({orphan})) == "cannot start " + orphan + ": the interpreter it names does not exist");
  CHECK(refusal(command({"true", std::string(3'000'000, 'x')})) ==
        "cannot start true: its arguments and environment are too long");
  CHECK(refusal(command({"true", std::string("a\0b", 3)})) ==
        "cannot start true: an argument or environment variable holds a NUL byte");

  auto in_path = command({"plain"});
  in_path.env["PATH"] = folder.path;
  CHECK(refusal(in_path) == "cannot start plain: the file of that name in PATH may not be executed");

  auto no_folder = command({"true"});
  no_folder.cwd = "/no/such/folder";
  CHECK(refusal(no_folder) == "cannot start true: there is no folder /no/such/folder");
  no_folder.cwd = plain;
  CHECK(refusal(no_folder) == "cannot start true: there is no folder " + plain);

  auto bad_name = command({"true"});
  bad_name.env["A=B"] = "c";
  CHECK(refusal(bad_name) == "cannot start true: \"A=B\" is not a name for an environment variable");
}

TEST_CASE("a descriptor is closed once, by its last owner") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    process::Descriptor first(ends[0]);
    process::Descriptor second(std::move(first));
    CHECK(second.get() == ends[0]);
    first = process::Descriptor(ends[1]);
    CHECK(first.release() == ends[1]);
  }
  CHECK(::close(ends[0]) == -1);
  CHECK(::close(ends[1]) == 0);
}
