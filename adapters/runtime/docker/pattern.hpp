// One pattern of an ignore file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace shunt::adapters::docker {

/// What Docker's own matcher takes (https://pkg.go.dev/github.com/moby/patternmatcher): `?` is one character and `*`
/// any number of them, without slashes; `[a-z]` and `[^a-z]` one of some (a slash, too); `\` takes the next one
/// literally; `**` any number of folders, at the end everything below. "**name" is every path that ends like that.
///
/// Paths are relative, with single slashes and none at the end. Matching takes time in proportion to path times
/// pattern, whatever both are. Bytes that are not UTF-8 are characters of their own.
class Pattern {
 public:
  /// `text` without "!", as `clean_pattern` leaves it. Nothing when it is malformed: a class without end or beginning
  /// with a dash, a range backwards, or a single `\` at the end.
  static std::optional<Pattern> compile(std::string_view text);

  /// Matches `path` alone, whatever characters it has.
  static Pattern literal(std::string_view path);

  bool matches(std::string_view path) const;

  /// Whether a path below `folder` may exist that it matches.
  bool may_match_below(std::string_view folder) const;

 private:
  enum class Takes { one, any, some, run, folders, everything };

  struct Part {
    explicit Part(Takes takes, char32_t character = 0) : takes(takes), character(character) {}

    Takes takes;
    char32_t character;                                 ///< of `one`
    bool others = false;                                ///< of `some`: all but those
    std::vector<std::pair<char32_t, char32_t>> ranges;  ///< of `some`: first and last of each
  };

  /// Which parts may come next: one flag per part, and one for the end.
  using States = std::vector<char>;

  Pattern() = default;
  bool add_class(std::string_view text, std::size_t& at);
  void add_stars(std::string_view text, std::size_t& at);
  void enter(std::size_t part, States& states) const;
  bool step(const States& from, char32_t character, States& to) const;
  static bool is_in(const Part& part, char32_t character);

  std::vector<Part> parts_;
};

/// `text` as a path relative to the context: "/a//b/./c/../" is "a/b". The context itself is "".
std::string clean_pattern(std::string_view text);

}  // namespace shunt::adapters::docker
