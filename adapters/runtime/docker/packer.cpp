#include "adapters/runtime/docker/packer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "process/launch.hpp"

namespace shunt::adapters::docker {

namespace {

constexpr std::size_t block_size = 256 * 1024;

Error not_packed(const std::filesystem::path& source, const std::string& why) {
  return Error("SH1414", Kind::adapter, fmt::format("cannot pack the build context: {}: {}", source.string(), why),
               "put it right, or leave it out with .dockerignore");
}

Error moving(const std::filesystem::path& source, const char* how) {
  auto error = not_packed(source, fmt::format("it {} while it was read", how));
  error.remedy = "build when nothing writes there, or leave it out with .dockerignore";
  error.retryable = true;
  return error;
}

/// ENOENT is that of a file that was just seen.
Error unreadable(const std::filesystem::path& source, int reason) {
  return reason == ENOENT ? moving(source, "vanished") : not_packed(source, std::generic_category().message(reason));
}

bool same_content(const struct stat& before, const struct stat& after) {
  return before.st_size == after.st_size && before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
         before.st_mtim.tv_nsec == after.st_mtim.tv_nsec;
}

/// Reads up to `room` bytes; fewer only at the end of the file. -1 with errno set when that fails.
ssize_t read_block(int file, char* block, std::size_t room) {
  std::size_t got = 0;
  while (got < room) {
    const auto count = ::read(file, block + got, room - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return -1;
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  return static_cast<ssize_t>(got);
}

}  // namespace

Tar::Entry entry_for(std::string name, const struct stat& facts) {
  Tar::Entry entry;
  entry.name = std::move(name);
  entry.mode = facts.st_mode;
  entry.modified = facts.st_mtim.tv_sec;
  if (S_ISREG(facts.st_mode)) entry.size = facts.st_size;
  return entry;
}

Packer::Packer(std::filesystem::path context, IgnoreList ignore, std::string left_out, Tar& tar)
    : context_(std::move(context)),
      ignore_(std::move(ignore)),
      left_out_(std::move(left_out)),
      tar_(tar),
      block_(block_size) {}

Result<std::vector<std::string>> Packer::names_in(const std::string& folder) const {
  std::vector<std::string> names;
  std::error_code failed;
  std::filesystem::directory_iterator found(context_ / folder, failed);
  for (; !failed && found != std::filesystem::directory_iterator(); found.increment(failed))
    names.push_back(found->path().filename().string());
  if (failed) return unreadable(context_ / folder, failed.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> Packer::pack_folder(const std::string& name, const IgnoreList::Verdict& verdict) {
  auto names = names_in(name);
  if (!names) return std::move(names).error();
  for (const auto& inside : *names) {
    const auto path = name.empty() ? inside : name + "/" + inside;
    if (path == left_out_) continue;
    if (auto packed = pack(path, verdict); !packed) return packed;
  }
  return {};
}

Result<void> Packer::pack(const std::string& name, const IgnoreList::Verdict& above) {
  const auto verdict = ignore_.judge(name, above);
  const auto source = context_ / name;
  struct stat facts = {};
  const bool there = ::lstat(source.c_str(), &facts) == 0;
  if (!there && verdict.excluded) return {};
  if (!there) return unreadable(source, errno);
  if (S_ISDIR(facts.st_mode)) return pack_below(entry_for(name, facts), verdict);
  if (verdict.excluded || tar_.is_at(facts.st_dev, facts.st_ino)) return {};
  if (!S_ISREG(facts.st_mode) && !S_ISLNK(facts.st_mode)) return {};
  if (auto added = add_awaited(); !added) return added;
  return S_ISLNK(facts.st_mode) ? pack_link(entry_for(name, facts)) : pack_file(source, name);
}

Result<void> Packer::pack_below(Tar::Entry folder, const IgnoreList::Verdict& verdict) {
  if (verdict.excluded && !ignore_.may_include_below(folder.name, verdict)) return {};
  const auto name = folder.name;
  const auto depth = awaited_.size();
  awaited_.push_back(std::move(folder));
  if (!verdict.excluded)
    if (auto added = add_awaited(); !added) return added;
  auto packed = pack_folder(name, verdict);
  awaited_.resize(std::min(depth, awaited_.size()));
  return packed;
}

Result<void> Packer::add_awaited() {
  for (const auto& folder : awaited_)
    if (auto added = tar_.add(folder); !added) return added;
  awaited_.clear();
  return {};
}

Result<void> Packer::pack_link(Tar::Entry link) {
  std::error_code failed;
  const auto source = context_ / link.name;
  link.target = std::filesystem::read_symlink(source, failed).string();
  if (failed) return unreadable(source, failed.value());
  return tar_.add(link);
}

Result<void> Packer::pack_file(const std::filesystem::path& source, const std::string& name) {
  // Somebody may have put a pipe there meanwhile, which must not be waited for.
  const process::Descriptor file(::open(source.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat facts = {};
  if (!file || ::fstat(file.get(), &facts) != 0) return unreadable(source, errno);
  if (!S_ISREG(facts.st_mode)) return moving(source, "changed");
  if (auto added = tar_.add(entry_for(name, facts)); !added) return added;
  return copy(file.get(), facts, source);
}

/// As many bytes as `facts` says, of a file that stays as it is meanwhile.
Result<void> Packer::copy(int file, const struct stat& facts, const std::filesystem::path& source) {
  auto left = static_cast<std::size_t>(facts.st_size);
  while (left > 0) {
    const auto room = std::min(left, block_.size());
    const auto got = read_block(file, block_.data(), room);
    if (got < 0) return unreadable(source, errno);
    if (static_cast<std::size_t>(got) < room) return moving(source, "became shorter");
    if (auto written = tar_.write({block_.data(), room}); !written) return written;
    left -= room;
  }
  struct stat now = {};
  const auto more = read_block(file, block_.data(), 1);
  if (more < 0 || ::fstat(file, &now) != 0) return unreadable(source, errno);
  if (more > 0 || !same_content(facts, now)) return moving(source, "changed");
  return {};
}

}  // namespace shunt::adapters::docker
