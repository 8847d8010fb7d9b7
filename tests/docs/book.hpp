// The code blocks of the documentation.
#pragma once

#include <string>
#include <vector>

namespace shunt::docs {

/// One fenced or indented block.
struct Block {
  std::string file;  ///< relative to the checkout
  int line = 0;      ///< of its first line of code
  std::string text;  ///< without fence or indentation
  bool taken = false;

  bool contains(const std::string& words) const { return text.find(words) != std::string::npos; }
};

/// Every block of README.md, docs/, adapters/ and examples/; drawings are no code and are left out.
class Book {
 public:
  Book();

  /// The text of the first block of `file` that contains `words`, which counts as executed from now on. Throws
  /// std::runtime_error when there is none.
  std::string take(const std::string& file, const std::string& words);

  /// "FILE:LINE" of every block that nobody took.
  std::vector<std::string> left() const;

 private:
  std::vector<Block> blocks_;
};

/// The one that all tests take from.
Book& book();

/// The words of every line of a block that runs a program of that name, without prompts and comments; a text in quotes
/// is one word.
std::vector<std::vector<std::string>> commands_in(const std::string& block, const std::string& program = "shunt");

/// `text` with every `from` replaced. Throws std::runtime_error when there is none: the documentation has changed.
std::string replaced(std::string text, const std::string& from, const std::string& to);

}  // namespace shunt::docs
