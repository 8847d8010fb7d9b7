#include "sandbox/attack.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <algorithm>

#include "harness/folder.hpp"
#include "harness/paths.hpp"

using namespace shunt;
using namespace shunt::sandbox;

namespace {

namespace fs = std::filesystem;

constexpr Milliseconds app_wall{500};
constexpr std::size_t app_memory = 64 * 1024 * 1024;
constexpr long own_kib = 64 * 1024;  ///< what the host needs beside the script: values, sources, the library

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// 190 locals, and 100,000 uses of names that are none.
std::string many_names() {
  std::string text;
  for (int i = 0; i < 190; ++i) text += fmt::format("local local_name_{}\n", i);
  for (int i = 0; i < 70'000; ++i) text += fmt::format("g{0:x}=g\n", i);
  return text + "return {}";
}

// 50 functions inside each other with 180 locals each, and 200,000 uses of the outermost one.
std::string many_locals() {
  std::string text = "local a\n";
  for (int i = 0; i < 50; ++i) {
    text += "local function f()\n";
    for (int j = 0; j < 180; ++j) text += fmt::format("local l{}\n", j);
  }
  return text + repeated("a=a ", 200'000) + repeated("end\n", 50) + "return {}";
}

// What include and require find, and beside it what they must not find.
void lay_out(const harness::TemporaryFolder& place) {
  fs::copy(harness::source_folder() / "tests/sandbox/folder", place / "folder", fs::copy_options::recursive);
  place.write("outside.lua", "return { word = 's3cret-outside' }");
  place.write("torn.lua", "return s3cret-outside = {");
  place.write("folder/large.lua", "return {}" + std::string(1'000'000, '\n'));
  place.write("folder/bytecode.lua", "\x1bLua\x54");
  place.write("folder/names.lua", many_names());
  place.write("folder/locals.lua", many_locals());
  place.write("folder/wide.lua", "return { " + repeated("{},", 340'000) + " }");
  fs::create_symlink(place / "outside.lua", place / "folder/linked.lua");
  fs::create_symlink(place / "torn.lua", place / "folder/torn.lua");
  fs::create_directory(place / "folder/directory.lua");
  ::mkfifo((place / "folder/pipe.lua").c_str(), 0600);
}

// On a machine that is busy, or under a sanitizer, an attack may meet the clock before the limit that it is about.
bool met_the_clock(const Ended& ending) {
  return ending.code == "SH1282" || ending.code == by_the_watchdog;
}

void check(const Attack& attack, const Ended& ending) {
  const bool app = attack.role == Role::app;
  const bool as_expected = std::find(attack.codes.begin(), attack.codes.end(), ending.code) != attack.codes.end();
  CHECK_MESSAGE((as_expected || met_the_clock(ending)), "it ended with " << ending.code);
  if (attack.line > 0 && !met_the_clock(ending)) {
    CHECK(ending.file == "attack.lua");
    CHECK(ending.line == attack.line);
  }
  CHECK_MESSAGE(ending.breaches.empty(), "the script says: " << fmt::format("{}", fmt::join(ending.breaches, "; ")));
  CHECK(ending.text.find("s3cret") == std::string::npos);
  CHECK(ending.used <= 2 * (app ? slowness * app_wall : wall));
  const auto cap = static_cast<long>((app ? app_memory : memory) / 1024);
  if (slowness == 1) CHECK(ending.memory_kib <= cap + own_kib);
}

}  // namespace

TEST_CASE("every attack ends as it must, within twice its budget") {
  const harness::TemporaryFolder place;
  lay_out(place);
  const auto attacks = attacks_in(harness::source_folder() / "tests/sandbox/attacks");
  CHECK(attacks.size() >= 40);
  for (const auto& attack : attacks) {
    const auto ending = run(attack, place / "folder");
    INFO(attack.name, ": ", ending.text);
    MESSAGE(
        fmt::format("{:32} {:8} {:5} ms {:6} KiB", attack.name, ending.code, ending.used.count(), ending.memory_kib));
    check(attack, ending);
  }
}
