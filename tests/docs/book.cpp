#include "docs/book.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <sstream>
#include <stdexcept>

#include "harness/paths.hpp"

namespace shunt::docs {

namespace {

constexpr std::string_view indentation = "    ";

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

bool is_drawing(const std::string& text) {
  return text.find("│") != std::string::npos || text.find("┌") != std::string::npos;
}

// The index after a fenced block whose fence is at `at`.
std::size_t read_fenced(const std::vector<std::string>& lines, std::size_t at, Block& block) {
  block.line = static_cast<int>(at) + 2;
  for (++at; at < lines.size() && !lines[at].starts_with("```"); ++at) block.text += lines[at] + "\n";
  return at + 1;
}

// The index after an indented block that begins at `at`; blank lines inside it belong to it.
std::size_t read_indented(const std::vector<std::string>& lines, std::size_t at, Block& block) {
  block.line = static_cast<int>(at) + 1;
  std::string blank;
  for (; at < lines.size() && (lines[at].empty() || lines[at].starts_with(indentation)); ++at) {
    if (lines[at].empty()) {
      blank += "\n";
      continue;
    }
    block.text += blank + lines[at].substr(indentation.size()) + "\n";
    blank.clear();
  }
  return at;
}

void read_page(const std::filesystem::path& top, const std::filesystem::path& file, std::vector<Block>& blocks) {
  const auto lines = lines_of(file);
  for (std::size_t at = 0; at < lines.size();) {
    Block block;
    block.file = file.lexically_relative(top).string();
    const bool after_blank = at == 0 || lines[at - 1].empty();
    if (lines[at].starts_with("```")) {
      at = read_fenced(lines, at, block);
    } else if (after_blank && lines[at].starts_with(indentation)) {
      at = read_indented(lines, at, block);
    } else {
      ++at;
      continue;
    }
    if (!is_drawing(block.text)) blocks.push_back(std::move(block));
  }
}

std::vector<std::filesystem::path> pages(const std::filesystem::path& top) {
  std::vector<std::filesystem::path> files = {top / "README.md"};
  for (const auto* folder : {"docs", "adapters", "examples"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(top / folder))
      if (entry.path().extension() == ".md") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Book::Book() {
  const auto top = harness::source_folder();
  for (const auto& file : pages(top)) read_page(top, file, blocks_);
}

std::string Book::take(const std::string& file, const std::string& words) {
  for (auto& block : blocks_) {
    if (block.file != file || !block.contains(words)) continue;
    block.taken = true;
    return block.text;
  }
  throw std::runtime_error(file + " has no code block with \"" + words + "\"");
}

std::vector<std::string> Book::left() const {
  std::vector<std::string> left;
  for (const auto& block : blocks_)
    if (!block.taken) left.push_back(block.file + ":" + std::to_string(block.line));
  return left;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  auto at = text.find(from);
  if (at == std::string::npos) throw std::runtime_error("the documentation does not say \"" + from + "\" any more");
  for (; at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

Book& book() {
  static Book all;
  return all;
}

std::vector<std::vector<std::string>> commands_in(const std::string& block, const std::string& program) {
  std::vector<std::vector<std::string>> commands;
  std::istringstream lines(block);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::vector<std::string> command;
    for (std::string word; words >> std::quoted(word);) command.push_back(word);
    if (!command.empty() && command.front() == "$") command.erase(command.begin());
    if (command.empty() || command.front() != program) continue;
    command.erase(command.begin());
    commands.push_back(std::move(command));
  }
  return commands;
}

}  // namespace shunt::docs
