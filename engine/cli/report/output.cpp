#include "cli/report/output.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>

namespace shunt::cli {

namespace {

constexpr std::size_t most_kept = 4 * 1024 * 1024;
constexpr std::size_t one_write = 4096;  ///< PIPE_BUF: a pipe that polls as writable takes this much without waiting
constexpr int for_ever = -1;

}  // namespace

void Output::put(std::string_view text) {
  if (gone_ || text.empty()) return;
  waiting_.emplace_back(text);
  size_ += text.size();
  while (write_some(0)) {
  }
  while (size_ > most_kept && waiting_.size() > 1) {
    const auto victim = waiting_.begin() + (written_of_first_ > 0 ? 1 : 0);
    size_ -= victim->size();
    waiting_.erase(victim);
  }
}

void Output::flush() {
  while (write_some(for_ever)) {
  }
}

// Returns whether there is more to write, and writing goes on.
bool Output::write_some(int patience_ms) {
  if (gone_ || waiting_.empty()) return false;
  pollfd look = {descriptor_, POLLOUT, 0};
  const int ready = ::poll(&look, 1, patience_ms);
  if (ready < 0 && errno == EINTR) return true;
  if (ready == 0) return false;
  const auto& first = waiting_.front();
  const auto left = first.size() - written_of_first_;
  const auto count = ready < 0 ? -1 : ::write(descriptor_, first.data() + written_of_first_, std::min(left, one_write));
  if (count < 0 && errno == EINTR) return true;
  if (count < 0 && errno == EAGAIN) return patience_ms == for_ever;
  if (count < 0) {
    gone_ = true;
    waiting_.clear();
    return false;
  }
  written_of_first_ += static_cast<std::size_t>(count);
  if (written_of_first_ == first.size()) {
    size_ -= first.size();
    waiting_.pop_front();
    written_of_first_ = 0;
  }
  return !waiting_.empty();
}

bool Output::is_terminal() const {
  return ::isatty(descriptor_) == 1;
}

int Output::width() const {
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

}  // namespace shunt::cli
