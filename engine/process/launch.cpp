#include "process/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <vector>

namespace shunt::process {

namespace {

constexpr const char* default_path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

Error cannot_start(const Command& command, const std::string& why, const std::string& remedy) {
  const std::string name = command.argv.empty() ? "a command" : command.argv.front();
  return {"SH1711", Kind::adapter, fmt::format("cannot start {}: {}", name, why), remedy};
}

std::string reason(int error) {
  return std::error_code(error, std::generic_category()).message();
}

bool is_folder(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

/// 0, or why this file cannot be run.
int executable(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return errno == ENOTDIR ? ENOENT : errno;
  if (!S_ISREG(info.st_mode)) return EACCES;
  return ::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) == 0 ? 0 : errno;
}

std::string in_folder(const std::string& cwd, const std::string& path) {
  return cwd.empty() || path.starts_with('/') ? path : cwd + '/' + path;
}

std::string search_path(const Command& command) {
  if (const auto own = command.env.find("PATH"); own != command.env.end()) return own->second;
  const char* inherited = command.clean_env ? nullptr : ::getenv("PATH");
  return inherited ? inherited : default_path;
}

std::vector<std::string> environment(const Command& command) {
  std::vector<std::string> entries;
  for (char** entry = command.clean_env ? nullptr : environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    if (!command.env.contains(std::string(text.substr(0, text.find('='))))) entries.emplace_back(text);
  }
  for (const auto& [name, value] : command.env) entries.push_back(name + '=' + value);
  return entries;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  list.reserve(texts.size() + 1);
  for (auto& text : texts) list.push_back(text.data());
  list.push_back(nullptr);
  return list;
}

/// What no system call would tell: exec stops silently at a NUL byte.
std::optional<Error> malformed(const Command& command) {
  if (command.argv.empty() || command.argv.front().empty())
    return cannot_start(command, "the argument list is empty", "give the program's name as the first argument");
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  bool nul = has_nul(command.cwd);
  for (const auto& argument : command.argv) nul = nul || has_nul(argument);
  for (const auto& [name, value] : command.env) {
    nul = nul || has_nul(name) || has_nul(value);
    if (name.empty() || name.find('=') != std::string::npos)
      return cannot_start(command, fmt::format("\"{}\" is not a name for an environment variable", name),
                          "give a name without \"=\"");
  }
  if (nul) return cannot_start(command, "an argument or environment variable holds a NUL byte", "remove that byte");
  return std::nullopt;
}

/// Both ends close on exec and lie above the standard streams, also in a program that was started without those.
struct Pipe {
  Descriptor read_end;
  Descriptor write_end;

  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = Descriptor(ends[0]);
    write_end = Descriptor(ends[1]);
    return raise(read_end) && raise(write_end);
  }

  static bool raise(Descriptor& end) {
    if (end.get() > STDERR_FILENO) return true;
    Descriptor higher(::fcntl(end.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    std::swap(end, higher);
    return static_cast<bool>(end);
  }
};

/// posix_spawn's two argument objects. They report only a lack of memory, which nothing here could mend.
class Plan {
 public:
  Plan(const Pipe& in, const Pipe& out, const Pipe& err, const std::string& cwd) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    if (in.read_end)
      ::posix_spawn_file_actions_adddup2(&actions_, in.read_end.get(), STDIN_FILENO);
    else
      ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, out.write_end.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, err.write_end.get(), STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    if (!cwd.empty()) ::posix_spawn_file_actions_addchdir_np(&actions_, cwd.c_str());

    sigset_t every;
    sigset_t none;
    ::sigfillset(&every);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &every);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  }
  ~Plan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  /// 0 or errno of whatever failed in the child, up to exec itself.
  int start(const std::string& program, std::vector<std::string> argv, std::vector<std::string> env, pid_t& pid) {
    return ::posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers(argv).data(), pointers(env).data());
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// exec gives one number for several reasons; tell them apart for the reader.
Error explain(const Command& command, const std::string& program, int error) {
  if (!command.cwd.empty() && !is_folder(command.cwd))
    return cannot_start(command, fmt::format("there is no folder {}", command.cwd), "create it or correct the path");
  if (!command.cwd.empty() && ::faccessat(AT_FDCWD, command.cwd.c_str(), X_OK, AT_EACCESS) != 0)
    return cannot_start(command, fmt::format("the folder {} may not be entered", command.cwd),
                        "change its permissions");
  const bool exists = executable(in_folder(command.cwd, program)) == 0;
  if (error == ENOENT && exists)
    return cannot_start(command, "the interpreter it names does not exist", "correct the first line (#!) of the file");
  if (error == ENOENT) return cannot_start(command, "there is no such file", "install it or correct the path");
  if (error == EACCES) return cannot_start(command, "it may not be executed", "make it an executable file (chmod +x)");
  if (error == ENOEXEC)
    return cannot_start(command, "it is neither a program nor a script with a #! line",
                        "add a first line such as #!/bin/sh");
  if (error == E2BIG)
    return cannot_start(command, "its arguments and environment are too long",
                        "pass large data through standard input");
  return cannot_start(command, reason(error), "free some processes, memory or descriptors and try again");
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

Found find_program(const std::string& name, const std::string& path, const std::string& cwd) {
  if (name.find('/') != std::string::npos) return {name, 0};
  int error = ENOENT;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string folder = end == begin ? "." : path.substr(begin, end - begin);
    const std::string file = folder + '/' + name;
    const int found = executable(in_folder(cwd, file));
    if (found == 0) return {file, 0};
    if (found == EACCES) error = EACCES;
    begin = end + 1;
  }
  return {"", error};
}

Result<Launched> launch(const Command& command) {
  if (auto error = malformed(command)) return std::move(*error);
  const auto program = find_program(command.argv.front(), search_path(command), command.cwd);
  if (program.error == EACCES)
    return cannot_start(command, "the file of that name in PATH may not be executed", "make it executable (chmod +x)");
  if (program.error != 0)
    return cannot_start(command, "there is no program of that name in PATH", "install it, or give its full path");

  Pipe in;
  Pipe out;
  Pipe err;
  if ((!command.input.empty() && !in.open()) || !out.open() || !err.open())
    return explain(command, program.path, errno);

  Launched child;
  Plan plan(in, out, err, command.cwd);
  const int error = plan.start(program.path, command.argv, environment(command), child.pid);
  if (error != 0) return explain(command, program.path, error);

  child.watch = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.watch) {
    const int why = errno;
    ::kill(-child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    return cannot_start(command, fmt::format("it cannot be watched (pidfd_open: {})", reason(why)),
                        "use Linux 5.3 or later, and a sandbox that allows pidfd_open");
  }
  child.in = std::move(in.write_end);
  child.out = std::move(out.read_end);
  child.err = std::move(err.read_end);
  return child;
}

}  // namespace shunt::process
