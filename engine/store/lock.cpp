#include "store/lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <thread>
#include <utility>

#include "config/planted.hpp"
#include "store/private_file.hpp"

namespace shunt::store {

namespace {

constexpr int open_flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

/// Closes on the way out, unless released.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

Error unopened(const std::filesystem::path& file, const std::string& reason) {
  return Error("SH1807", Kind::adapter, fmt::format("the lock file {} could not be used: {}", file.string(), reason),
               "Check the owner and the mode of the file and its folder");
}

Error unopened(const std::filesystem::path& file, int reason) {
  return unopened(file, std::generic_category().message(reason));
}

// An existing file is opened without O_CREAT: in a sticky folder the kernel refuses that for files of other users.
Result<Descriptor> open_or_create(const std::filesystem::path& file, mode_t mode) {
  constexpr int attempts = 100;
  for (int i = 0; i < attempts; ++i) {
    const int there = ::open(file.c_str(), open_flags);
    if (there >= 0) return Descriptor(there);
    if (errno != ENOENT) return unopened(file, errno);
    const int made = ::open(file.c_str(), open_flags | O_CREAT | O_EXCL, mode);
    if (made >= 0) {
      ::fchmod(made, mode);
      return Descriptor(made);
    }
    if (errno != EEXIST) return unopened(file, errno);
  }
  return unopened(file, "it keeps appearing and disappearing");
}

bool names(const std::filesystem::path& file, int descriptor) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(descriptor, &opened) == 0 && S_ISREG(opened.st_mode) && ::lstat(file.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

bool try_flock(int descriptor) {
  int result = 0;
  do result = ::flock(descriptor, LOCK_EX | LOCK_NB);
  while (result != 0 && errno == EINTR);
  return result == 0;
}

struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

// A flock cannot be asked about without taking it, which would disturb whoever takes it at that moment. So its holder
// puts an open-file-description lock beside it, which others can look at. It lives and dies with the flock, and decides
// nothing.
void mark(int descriptor) {
  auto range = whole_file();
  ::fcntl(descriptor, F_OFD_SETLK, &range);
}

bool marked_by_another(int descriptor) {
  auto range = whole_file();
  return ::fcntl(descriptor, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
}

Holder holder_from(const Value& value) {
  Holder holder;
  holder.pid = value.value("pid", std::int64_t{0});
  holder.by = value.value("by", "");
  holder.verb = value.value("verb", "");
  holder.run = value.value("run", "");
  holder.state = value.value("state", "");
  holder.since = value.value("since", std::int64_t{0});
  holder.step = value.value("step", "");
  const auto last = value.value("last", Value::object());
  holder.last.app = last.value("app", "");
  holder.last.run = last.value("run", "");
  holder.last.state = last.value("state", "");
  return holder;
}

// The text is one line; what follows it may be the rest of an older, longer one.
Holder read_holder(int descriptor) {
  std::array<char, 8192> buffer{};
  constexpr int attempts = 5;
  for (int i = 0; i < attempts; ++i) {
    const auto size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    if (size <= 0) return {};
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    const Value value = Value::parse(text.substr(0, text.find('\n')), nullptr, false);
    if (!value.is_object()) continue;  // it is being rewritten
    try {
      return holder_from(value);
    } catch (const Value::exception&) {
      return {};
    }
  }
  return {};
}

bool is_alive(std::int64_t pid) {
  return pid > 0 && (::kill(static_cast<pid_t>(pid), 0) == 0 || errno == EPERM);
}

// Who has just taken it may not have said so yet, and what a dead one said is there still.
Holder read_living_holder(int descriptor) {
  constexpr int attempts = 100;
  Holder holder = read_holder(descriptor);
  for (int i = 0; i < attempts && !is_alive(holder.pid); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    holder = read_holder(descriptor);
  }
  return holder;
}

std::string time_text(std::int64_t unix_ms) {
  const auto seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm time{};
  std::array<char, 32> text{};
  ::gmtime_r(&seconds, &time);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &time)};
}

Error held(const std::filesystem::path& file, const Holder& holder) {
  std::string who = holder.pid == 0 ? "another process" : fmt::format("process {}", holder.pid);
  if (!holder.by.empty()) who += fmt::format(" of {}", holder.by);
  if (!holder.verb.empty()) who += fmt::format(", which runs `{}`", holder.verb);
  if (!holder.run.empty()) who += fmt::format(" ({})", holder.run);
  if (holder.since > 0) who += fmt::format(" since {}", time_text(holder.since));
  if (!holder.step.empty()) who += fmt::format(" and is at {}", holder.step);
  Error error("SH1806", Kind::adapter, fmt::format("{} is held by {}", file.string(), who),
              holder.state.empty()
                  ? "Wait until it has ended, or `shunt abort` it"
                  : fmt::format("Wait until it has ended, or `shunt abort` it; its state is in {}", holder.state));
  error.retryable = true;
  error.evidence = to_value(holder);
  return error;
}

}  // namespace

Value to_value(const Holder& holder) {
  Value value = {{"pid", holder.pid},     {"by", holder.by},       {"verb", holder.verb}, {"run", holder.run},
                 {"state", holder.state}, {"since", holder.since}, {"step", holder.step}};
  const auto& last = holder.last;
  if (!last.run.empty()) value["last"] = {{"app", last.app}, {"run", last.run}, {"state", last.state}};
  return value;
}

Result<Lock> Lock::take(const std::filesystem::path& file, const Holder& holder, bool shared_folder) {
  try {
    if (!shared_folder && file.has_parent_path()) make_private_folder(file.parent_path());
  } catch (const std::system_error& error) {
    return unopened(file, error.code().message());
  }
  constexpr int attempts = 1'000;
  for (int i = 0; i < attempts; ++i) {
    auto opened = open_or_create(file, shared_folder ? 0666 : 0600);
    if (!opened) return std::move(opened).error();
    if (!try_flock(opened->get())) {
      if (errno != EWOULDBLOCK) return unopened(file, errno);
      return held(file, read_living_holder(opened->get()));
    }
    // Somebody may have removed the file between our open and our flock: then the lock on it excludes nobody.
    if (!names(file, opened->get())) continue;
    auto last = read_holder(opened->get()).last;
    Lock lock(opened->release(), std::move(last));
    lock.describe(holder);
    mark(lock.descriptor());
    if (is_planted("lock inherited by a child")) ::fcntl(lock.descriptor(), F_SETFD, 0);
    return lock;
  }
  return unopened(file, "it is replaced again and again, or is no regular file");
}

Result<Lock> Lock::inherit(int descriptor, const std::filesystem::path& file, const Holder& holder) {
  if (::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) return unopened(file, errno);
  if (!names(file, descriptor)) return unopened(file, "the descriptor that was handed on is not this file");
  const Descriptor other(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (other.get() < 0) return unopened(file, errno);
  // Taking it again succeeds for the descriptor that holds it, but also for one of a lock that nobody holds.
  if (!marked_by_another(other.get())) return unopened(file, "the descriptor that was handed on does not hold it");
  if (!try_flock(descriptor)) return held(file, read_holder(descriptor));
  Lock lock(descriptor, read_holder(descriptor).last);
  lock.describe(holder);
  return lock;
}

std::optional<Holder> Lock::holder(const std::filesystem::path& file) {
  const Descriptor reader(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (reader.get() < 0 || !marked_by_another(reader.get())) return std::nullopt;
  return read_holder(reader.get());
}

Driver Lock::last_in(const std::filesystem::path& file) {
  const Descriptor reader(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  return reader.get() < 0 ? Driver() : read_holder(reader.get()).last;
}

Lock::Lock(Lock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), last_(std::move(other.last_)) {}

Lock& Lock::operator=(Lock&& other) noexcept {
  Lock moved(std::move(other));
  std::swap(descriptor_, moved.descriptor_);
  std::swap(last_, moved.last_);
  return *this;
}

Lock::~Lock() {
  if (descriptor_ < 0) return;
  describe(Holder());
  ::close(descriptor_);
}

void Lock::describe(Holder holder) {
  if (holder.last.run.empty()) holder.last = last_;
  last_ = holder.last;
  const std::string text = to_text(to_value(holder)) + "\n";
  const auto size = static_cast<ssize_t>(text.size());
  // What cannot be written (a full disk) is missing from messages; the lock holds all the same.
  if (::pwrite(descriptor_, text.data(), text.size(), 0) != size || ::ftruncate(descriptor_, size) != 0) return;
}

std::filesystem::path target_lock_file(const std::string& target) {
  constexpr std::size_t readable_size = 80;
  constexpr std::size_t hash_size = 12;
  std::string name = target.substr(0, readable_size);
  for (auto& letter : name) {
    const bool plain = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                       (letter >= '0' && letter <= '9') || letter == '-' || letter == '.';
    if (!plain) letter = '_';
  }
  name += "-" + sha256(target).substr(0, hash_size) + ".lock";

  const std::filesystem::path everyone = "/run/lock/shunt";
  struct stat info {};
  ::mkdir(everyone.parent_path().c_str(), 0755);  // small containers have none
  ::mkdir(everyone.c_str(), 0777);
  if (::lstat(everyone.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) {
    if (info.st_uid == ::geteuid() && (info.st_mode & 07777) != 01777) ::chmod(everyone.c_str(), 01777);
    if (::access(everyone.c_str(), W_OK | X_OK) == 0) return everyone / name;
  }
  const char* own = std::getenv("XDG_RUNTIME_DIR");
  if (own == nullptr || *own == '\0') return everyone / name;
  const auto folder = std::filesystem::path(own) / "shunt";
  ::mkdir(folder.c_str(), 0700);
  return folder / name;
}

std::filesystem::path app_lock_file(const std::filesystem::path& state) {
  return state / "lock";
}

}  // namespace shunt::store
