// A descriptor to write to, whose reader may be slow, stopped or gone.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace shunt::cli {

/// Not owning. A deployment goes on whatever becomes of its terminal: nothing here fails or throws.
class Output {
 public:
  /// A negative descriptor is a reader that was never there.
  explicit Output(int descriptor) : descriptor_(descriptor), gone_(descriptor < 0) {}

  /// Writes as much as fits without waiting and keeps the rest for later calls. When the reader stays away, the oldest
  /// texts beyond 4 MiB are dropped, each as a whole.
  void put(std::string_view text);

  /// Waits until everything is written or nobody reads any more.
  void flush();

  /// Nobody reads any more: whatever is put goes nowhere.
  bool gone() const { return gone_; }

  bool is_terminal() const;

  /// Columns of the terminal; 80 where they are not known.
  int width() const;

 private:
  bool write_some(int patience_ms);

  int descriptor_;
  bool gone_;
  std::deque<std::string> waiting_;
  std::size_t written_of_first_ = 0;
  std::size_t size_ = 0;  ///< bytes in waiting_
};

}  // namespace shunt::cli
