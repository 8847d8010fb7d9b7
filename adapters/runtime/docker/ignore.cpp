#include "adapters/runtime/docker/ignore.hpp"

#include <fmt/format.h>
#include <optional>
#include <utility>

namespace shunt::adapters::docker {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t longest_shown_pattern = 200;

std::string_view without_blanks(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\r\n\v\f");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n\v\f") - begin + 1);
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  const auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

Error malformed_pattern(std::string_view pattern, std::string_view named, const std::string& file, int line) {
  const auto remedy = named.empty() ? "say after ! what is included again"
                                    : "close each [ with ], write the smaller end of a range first, and put \\ before "
                                      "a character that is meant literally";
  return Error("SH1413", Kind::config, fmt::format("'{}' is no pattern", pattern.substr(0, longest_shown_pattern)),
               remedy)
      .at(Where{file, line});
}

}  // namespace

Result<IgnoreList> IgnoreList::parse(std::string_view text, const std::string& file) {
  IgnoreList list;
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  for (int number = 1; !text.empty(); ++number) {
    const auto line = take_line(text);
    const auto pattern = without_blanks(line);
    if (line.starts_with('#') || pattern.empty()) continue;
    const bool includes = pattern.front() == '!';
    const auto path = includes ? without_blanks(pattern.substr(1)) : pattern;
    const auto clean = clean_pattern(path);
    const bool nothing = includes && clean.empty() && (path.empty() || path.front() == '/');
    auto compiled = nothing ? std::nullopt : Pattern::compile(clean);
    if (!compiled) return malformed_pattern(pattern, clean, file, number);
    list.lines_.push_back({std::move(*compiled), includes});
  }
  return list;
}

void IgnoreList::keep(std::string_view path) {
  lines_.push_back({Pattern::literal(path), true});
}

IgnoreList::Verdict IgnoreList::judge(std::string_view path, const Verdict& above) const {
  Verdict verdict;
  verdict.applied.resize(lines_.size());
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const auto& line = lines_[i];
    const bool inherited = i < above.applied.size() && above.applied[i] != 0;
    const bool changes = line.includes == verdict.excluded;
    if (!inherited && !(changes && line.pattern.matches(path))) continue;
    verdict.applied[i] = 1;
    verdict.excluded = !line.includes;
  }
  return verdict;
}

// What has excluded the folder applies to all below, too, so that an exception helps there only if it comes later.
bool IgnoreList::may_include_below(std::string_view folder, const Verdict& verdict) const {
  for (auto i = lines_.size(); i > 0 && verdict.applied[i - 1] == 0; --i)
    if (lines_[i - 1].includes && lines_[i - 1].pattern.may_match_below(folder)) return true;
  return false;
}

bool IgnoreList::excludes(std::string_view path) const {
  Verdict verdict;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = path.find('/', end + 1);
    verdict = judge(path.substr(0, end), verdict);
  }
  return verdict.excluded;
}

}  // namespace shunt::adapters::docker
