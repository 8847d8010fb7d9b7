#include "e2e/terminal.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "harness/eventually.hpp"

namespace shunt::e2e {

namespace {

[[noreturn]] void become(const harness::Command& command) {
  for (const auto& [name, value] : command.env) {
    if (value.empty()) {
      ::unsetenv(name.c_str());
    } else {
      ::setenv(name.c_str(), value.c_str(), 1);
    }
  }
  std::vector<char*> argv;
  for (const auto& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  if (command.cwd.empty() || ::chdir(command.cwd.c_str()) == 0) ::execvp(argv[0], argv.data());
  ::_exit(127);
}

}  // namespace

Terminal::Terminal(const harness::Command& command) {
  pid_ = ::forkpty(&screen_, nullptr, nullptr, nullptr);
  if (pid_ < 0) throw std::runtime_error("there is no pseudo-terminal");
  if (pid_ == 0) become(command);
  ::fcntl(screen_, F_SETFD, FD_CLOEXEC);
  ::fcntl(screen_, F_SETFL, O_NONBLOCK);
}

Terminal::~Terminal() {
  hang_up();
  if (exit_) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Terminal::type(const std::string& text) {
  if (::write(screen_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    throw std::runtime_error("nobody reads the keyboard");
}

void Terminal::hang_up() {
  if (screen_ < 0) return;
  read();
  ::close(screen_);
  screen_ = -1;
}

void Terminal::read() {
  std::array<char, 65536> buffer{};
  while (screen_ >= 0) {
    const auto got = ::read(screen_, buffer.data(), buffer.size());
    if (got <= 0) return;
    output_.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

const std::string& Terminal::output() {
  read();
  return output_;
}

std::optional<harness::Exit> Terminal::wait(std::chrono::milliseconds limit) {
  harness::eventually(limit, [&] {
    read();  // a full screen would hold the program up
    int status = 0;
    if (exit_ || ::waitpid(pid_, &status, WNOHANG) != pid_) return exit_.has_value();
    exit_ = WIFSIGNALED(status) ? harness::Exit{-1, WTERMSIG(status)} : harness::Exit{WEXITSTATUS(status), 0};
    return true;
  });
  return exit_;
}

}  // namespace shunt::e2e
