#include "deploy/start_anew.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <unistd.h>
#include <csignal>

#include "config/planted.hpp"

namespace shunt::deploy {

namespace {

std::vector<std::string> command_for(const Settings& settings, const std::string& run, const std::vector<int>& locks) {
  auto words = settings.program;
  words.insert(words.end(), {"resume", run});
  for (const auto lock : locks) words.insert(words.end(), {"--lock-fd", std::to_string(lock)});
  return words;
}

// The other threads may have blocked signals for themselves; the new image starts with none blocked.
void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

void start_anew(const Settings& settings, const std::string& run, const std::vector<int>& locks) {
  auto words = command_for(settings, run, locks);
  std::vector<char*> arguments;
  for (auto& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  for (const auto lock : locks)
    if (!is_planted("lock dropped in the re-execution")) ::fcntl(lock, F_SETFD, 0);
  unblock_signals();
  ::execv(arguments.front(), arguments.data());
  const auto text = fmt::format("shunt cannot start itself anew; `shunt resume {}` goes on from here\n", run);
  static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()));
  ::_exit(3);
}

}  // namespace shunt::deploy
