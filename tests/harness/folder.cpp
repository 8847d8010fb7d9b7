#include "harness/folder.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "harness/eventually.hpp"

namespace shunt::harness {

namespace {

namespace fs = std::filesystem;

// Through a stream: reading about a process that ends meanwhile fails, which a bare buffer would throw.
std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A path is named where it is followed by the end of a word or by something inside it: /tmp/a is not named by /tmp/ab.
bool names(std::string_view text, std::string_view folder) {
  for (auto at = text.find(folder); at != std::string_view::npos; at = text.find(folder, at + 1)) {
    const auto after = at + folder.size();
    if (after >= text.size() || text[after] == '/' || text[after] == '\0' || text[after] == ':') return true;
  }
  return false;
}

// A zombie still has a folder in /proc, but nothing in it that could name another one.
bool belongs(const fs::path& process, std::string_view folder) {
  std::error_code ignored;
  return names(slurp(process / "cmdline"), folder) || names(slurp(process / "environ"), folder) ||
         names(fs::read_symlink(process / "cwd", ignored).string(), folder);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = "/tmp/shunt-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr)
    throw std::system_error(errno, std::generic_category(), "cannot make a temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  end_processes_of(path_);
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path TemporaryFolder::write(const fs::path& name, std::string_view text) const {
  const auto file = path_ / name;
  fs::create_directories(file.parent_path());
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
  return file;
}

std::string TemporaryFolder::read(const fs::path& name) const {
  return slurp(path_ / name);
}

std::vector<pid_t> processes_of(const fs::path& folder) {
  std::vector<pid_t> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
    const auto name = entry.path().filename().string();
    pid_t pid = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (problem != std::errc() || end != name.data() + name.size() || pid == ::getpid()) continue;
    if (belongs(entry.path(), folder.string())) found.push_back(pid);
  }
  return found;
}

void end_processes_of(const fs::path& folder) {
  eventually(std::chrono::seconds(5), [&] {
    const auto left = processes_of(folder);
    for (const auto pid : left) ::kill(pid, SIGKILL);
    return left.empty();
  });
}

}  // namespace shunt::harness
