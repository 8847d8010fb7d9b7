#include "files/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace shunt::files {

namespace {

constexpr mode_t readable = 0644;
constexpr mode_t open_to_all = 0755;

std::error_code last_error() {
  return std::error_code(errno, std::generic_category());
}

bool write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const auto wrote = ::write(file, text.data(), text.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return true;
}

std::error_code write_synced(const std::string& file, std::string_view text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, readable);
  if (descriptor < 0) return last_error();
  const bool good = ::fchmod(descriptor, readable) == 0 && write_all(descriptor, text) && ::fsync(descriptor) == 0;
  const auto error = good ? std::error_code() : last_error();
  ::close(descriptor);
  return error;
}

}  // namespace

std::error_code write_whole(const std::filesystem::path& file, std::string_view text) {
  const auto temporary = file.string() + ".shunt";
  auto error = write_synced(temporary, text);
  if (!error && ::rename(temporary.c_str(), file.c_str()) != 0) error = last_error();
  if (error) {
    ::unlink(temporary.c_str());
    return error;
  }
  return sync_folder(file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
}

std::error_code sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return last_error();
  const auto error = ::fsync(descriptor) == 0 ? std::error_code() : last_error();
  ::close(descriptor);
  return error;
}

std::error_code make_open_folder(const std::filesystem::path& folder) {
  std::filesystem::path way;
  for (const auto& part : folder) {
    way /= part;
    if (::mkdir(way.c_str(), open_to_all) == 0) {
      if (::chmod(way.c_str(), open_to_all) != 0) return last_error();
    } else if (errno != EEXIST) {
      return last_error();
    }
  }
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) return last_error();
  return S_ISDIR(facts.st_mode) ? std::error_code() : std::make_error_code(std::errc::not_a_directory);
}

}  // namespace shunt::files
