#include "cli/line_editor.hpp"

#include <histedit.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cwchar>
#include <stdexcept>

namespace shunt::cli {

namespace {

constexpr int longest_history = 1'000;

// One byte of standard input, unless `wake` becomes readable before there is one.
std::optional<char> byte_or_wake(int wake) {
  std::array<pollfd, 2> watched = {pollfd{wake, POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
  while (::poll(watched.data(), watched.size(), -1) < 0)
    if (errno != EINTR) return std::nullopt;
  if (watched[0].revents != 0) return std::nullopt;
  char byte = 0;
  return ::read(STDIN_FILENO, &byte, 1) == 1 ? std::optional(byte) : std::nullopt;
}

}  // namespace

struct LineEditor::Terminal {
  std::filesystem::path file;
  Complete complete;
  int wake;
  std::string prompt;
  EditLine* editor = nullptr;
  History* lines = nullptr;
  HistEvent event{};

  Terminal(std::filesystem::path given, Complete given_complete, int given_wake)
      : file(std::move(given)), complete(std::move(given_complete)), wake(given_wake) {
    editor = el_init("shunt", stdin, stdout, stderr);
    lines = history_init();
    history(lines, &event, H_SETSIZE, longest_history);
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT, &Terminal::show_prompt);
    el_set(editor, EL_GETCFN, &Terminal::next_character);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_SIGNAL, 1);
    el_set(editor, EL_HIST, history, lines);
    el_set(editor, EL_ADDFN, "shunt-complete", "completes a name", &Terminal::on_tab);
    el_set(editor, EL_BIND, "^I", "shunt-complete", nullptr);
    if (!file.empty()) history(lines, &event, H_LOAD, file.c_str());
  }

  ~Terminal() {
    if (!file.empty()) {
      const auto mask = ::umask(0077);
      history(lines, &event, H_SAVE, file.c_str());
      ::umask(mask);
    }
    history_end(lines);
    el_end(editor);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  static Terminal& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Terminal*>(self);
  }

  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

  // libedit's own waits for nothing but the terminal.
  static int next_character(EditLine* editor, wchar_t* character) {
    std::mbstate_t state{};
    for (auto byte = byte_or_wake(of(editor).wake); byte; byte = byte_or_wake(of(editor).wake)) {
      const auto length = std::mbrtowc(character, &*byte, 1, &state);
      if (length == 0 || length == 1) return 1;
      if (length == static_cast<std::size_t>(-1)) state = {};
    }
    return 0;
  }

  // One way to go on is taken; of several the common part is, or they are shown.
  static unsigned char on_tab(EditLine* editor, int) {
    const auto* line = el_line(editor);
    const std::string before(line->buffer, static_cast<std::size_t>(line->cursor - line->buffer));
    const auto start = before.find_last_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:");
    const auto begun = before.substr(start == std::string::npos ? 0 : start + 1);
    const auto found = of(editor).complete(begun);
    if (begun.empty() || found.empty()) return CC_ERROR;
    auto common = found.front();
    for (const auto& one : found)
      while (!one.starts_with(common)) common.pop_back();
    if (common.size() > begun.size()) {
      el_insertstr(editor, common.substr(begun.size()).c_str());
      return CC_REFRESH;
    }
    if (found.size() == 1) return CC_ERROR;
    std::printf("\n");
    for (const auto& one : found) std::printf("%s  ", one.c_str());
    std::printf("\n");
    return CC_REDISPLAY;
  }
};

LineEditor::LineEditor(std::filesystem::path history, Complete complete) : wake_(::eventfd(0, EFD_CLOEXEC)) {
  if (wake_ < 0) throw std::runtime_error("the kernel gave no eventfd");
  if (::isatty(STDIN_FILENO) == 0) return;
  terminal_ = std::make_unique<Terminal>(std::move(history), std::move(complete), wake_);
}

LineEditor::~LineEditor() {
  ::close(wake_);
}

void LineEditor::interrupt() {
  const std::uint64_t once = 1;
  static_cast<void>(::write(wake_, &once, sizeof once));
}

std::optional<std::string> LineEditor::read_plainly() {
  std::string line;
  auto byte = byte_or_wake(wake_);
  if (!byte) return std::nullopt;
  for (; byte && *byte != '\n'; byte = byte_or_wake(wake_)) line += *byte;
  return line;
}

std::optional<std::string> LineEditor::read(const std::string& prompt) {
  if (!terminal_) return read_plainly();
  std::string line;
  terminal_->prompt = prompt;
  int count = 0;
  const char* text = el_gets(terminal_->editor, &count);
  if (text == nullptr || count <= 0) return std::nullopt;
  line.assign(text, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  return line;
}

void LineEditor::remember(const std::string& line) {
  if (terminal_ && !line.empty()) history(terminal_->lines, &terminal_->event, H_ENTER, line.c_str());
}

}  // namespace shunt::cli
