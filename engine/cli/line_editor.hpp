// Reads lines from a person: with history and completion on a terminal, plainly from anything else.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace shunt::cli {

class LineEditor {
 public:
  /// What could be written in place of a word that is begun.
  using Complete = std::function<std::vector<std::string>(const std::string& begun)>;

  /// `history` is read, and written (0600) when this ends; "" for none.
  LineEditor(std::filesystem::path history, Complete complete);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  /// The next line without its end; nothing at the end of input (Ctrl-D), and once it was interrupted.
  std::optional<std::string> read(const std::string& prompt);

  /// Ends `read`, and every later one at once. Any thread.
  void interrupt();

  void remember(const std::string& line);

 private:
  struct Terminal;

  std::optional<std::string> read_plainly();

  int wake_;                            ///< an eventfd: readable once it was interrupted
  std::unique_ptr<Terminal> terminal_;  ///< nothing where standard input is none
};

}  // namespace shunt::cli
