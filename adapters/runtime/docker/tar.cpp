#include "adapters/runtime/docker/tar.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace shunt::adapters::docker {

namespace {

constexpr std::size_t block = 512;
constexpr std::size_t longest_name = 99;  ///< that stands in the header itself
constexpr std::size_t most_waiting = 64 * 1024;
constexpr mode_t rights = 07777;

Error not_written(const std::filesystem::path& file, int reason) {
  return Error("SH1414", Kind::adapter,
               fmt::format("cannot write {}: {}", file.string(), std::generic_category().message(reason)),
               "make room there, and the folder writable for the user that runs shunt");
}

/// The rest of the field stays zero.
void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

/// Octal digits and a zero byte; what is too large for them, or below 0, as bytes of a big-endian number whose first
/// bit is set beside the sign.
void put_number(std::string& header, std::size_t at, std::size_t width, std::int64_t number) {
  const auto digits = number < 0 ? std::string() : fmt::format("{:0{}o}", number, width - 1);
  if (number >= 0 && digits.size() < width) return put(header, at, digits);
  for (std::size_t i = width; i-- > 0; number >>= 8) header[at + i] = static_cast<char>(number & 0xff);
  header[at] = static_cast<char>(number < 0 ? 0xff : 0x80);
}

std::string header_of(const Tar::Entry& entry, std::string_view name, char type) {
  std::string header(block, '\0');
  put(header, 0, name.substr(0, longest_name));
  put_number(header, 100, 8, entry.mode & rights);
  put_number(header, 108, 8, 0);
  put_number(header, 116, 8, 0);
  put_number(header, 124, 12, entry.size);
  put_number(header, 136, 12, entry.modified);
  put(header, 148, "        ");  // the sum of all bytes takes its own field for blanks
  header[156] = type;
  put(header, 157, std::string_view(entry.target).substr(0, longest_name));
  put(header, 257, "ustar  ");
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  put(header, 148, fmt::format("{:06o}", sum));
  header[154] = '\0';
  return header;
}

}  // namespace

Result<Tar> Tar::create(const std::filesystem::path& file) {
  Tar tar;
  tar.file_ = file;
  const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  tar.descriptor_ = process::Descriptor(::open(file.c_str(), flags, S_IRUSR | S_IWUSR));
  struct stat facts = {};
  if (!tar.descriptor_ || ::fstat(tar.descriptor_.get(), &facts) != 0) return not_written(file, errno);
  tar.device_ = facts.st_dev;
  tar.inode_ = facts.st_ino;
  return tar;
}

/// What is too long for the header comes before it, as the content of an entry of its own.
void Tar::append_long(char type, std::string_view text) {
  if (text.size() <= longest_name) return;
  Entry carrier;
  carrier.mode = 0644;
  carrier.size = static_cast<std::int64_t>(text.size() + 1);
  waiting_ += header_of(carrier, "././@LongLink", type);
  waiting_ += text;
  waiting_ += '\0';
  fill_block();
}

void Tar::fill_block() {
  const auto size = static_cast<std::size_t>(written_) + waiting_.size();
  waiting_.append((block - size % block) % block, '\0');
}

Result<void> Tar::add(const Entry& entry) {
  fill_block();
  const bool folder = S_ISDIR(entry.mode);
  const auto name = folder ? entry.name + "/" : entry.name;
  append_long('K', entry.target);
  append_long('L', name);
  waiting_ += header_of(entry, name, folder ? '5' : S_ISLNK(entry.mode) ? '2' : '0');
  return waiting_.size() < most_waiting ? Result<void>() : flush();
}

Result<void> Tar::write(std::string_view bytes) {
  waiting_ += bytes;
  return waiting_.size() < most_waiting ? Result<void>() : flush();
}

Result<void> Tar::flush() {
  std::string_view left = waiting_;
  while (!left.empty()) {
    const auto count = ::write(descriptor_.get(), left.data(), left.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return not_written(file_, errno);
    left.remove_prefix(static_cast<std::size_t>(count));
  }
  written_ += static_cast<std::int64_t>(waiting_.size());
  waiting_.clear();
  return {};
}

Result<std::int64_t> Tar::finish() {
  fill_block();
  waiting_.append(2 * block, '\0');
  if (auto flushed = flush(); !flushed) return std::move(flushed).error();
  return written_;
}

}  // namespace shunt::adapters::docker
