// A folder of a test's own, and the processes that were started in its name.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace shunt::harness {

/// A new, empty folder with a short path (a unix socket inside it stays under 107 bytes). Its end kills every process
/// that belongs to it (processes_of) and removes it, so that instances which are meant to outlive `shunt` do not
/// outlive the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Writes a file inside the folder, with the folders above it; its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

  /// What is in a file inside the folder; "" when there is none.
  std::string read(const std::filesystem::path& name) const;

 private:
  std::filesystem::path path_;
};

/// Processes whose arguments, environment or working directory name `folder`; never the caller itself.
std::vector<pid_t> processes_of(const std::filesystem::path& folder);

/// Kills the processes of `folder` until there is none left, for at most five seconds.
void end_processes_of(const std::filesystem::path& folder);

}  // namespace shunt::harness
