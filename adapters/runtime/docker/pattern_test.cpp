#include "adapters/runtime/docker/pattern.hpp"

#include <doctest/doctest.h>

namespace shunt::adapters::docker {

namespace {

struct Match {
  std::string pattern;
  std::string path;
  bool matches;
};

TEST_CASE("a pattern matches whole paths") {
  const std::vector<Match> cases = {
      {"a", "a", true},
      {"a", "b", false},
      {"a", "ab", false},
      {"a", "a/b", false},
      {"a/b", "a/b", true},
      {"a.b", "a.b", true},
      {"a.b", "axb", false},
      {"a+(b)|{c}$^", "a+(b)|{c}$^", true},
      {"a]", "a]", true},
      // one character
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a?c", "a/c", false},
      {"a?c",
       "a\xc3\xa4"
       "c",
       true},
      {"a??c",
       "a\xc3\xa4"
       "c",
       false},
      {"?", "\xe2\x82\xac", true},
      {"?", "\xf0\x9f\x9a\x82", true},
      {"?", "\xff", true},
      {"??", "\xe2\x82", true},
      {"\xff", "\xff", true},
      {"\xff", "\xfe", false},
      // any number of them
      {"*", "a", true},
      {"*", "a/b", false},
      {"*.md", "README.md", true},
      {"*.md", ".md", true},
      {"*.md", "docs/README.md", false},
      {"a*", "a", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
      {"*/b", "a/b", true},
      {"*/b", "a/a/b", false},
      {"a/*", "a/b", true},
      {"a/*", "a", false},
      // classes
      {"[ab]", "a", true},
      {"[ab]", "c", false},
      {"[a-c]x", "bx", true},
      {"[^a-c]x", "bx", false},
      {"[^a-c]x", "dx", true},
      {"[!a]", "!", true},
      {"[!a]", "b", false},
      {"[\xce\xb1-\xcf\x89]", "\xce\xb2", true},
      {"[\\]]", "]", true},
      {"[a\\-c]", "-", true},
      {"[a\\-c]", "b", false},
      {"[a^]", "^", true},
      {"a[^b]c", "a/c", true},
      // escapes
      {"\\*", "*", true},
      {"\\*", "a", false},
      {"\\!a", "!a", true},
      {"\\#a", "#a", true},
      {"a\\\\", "a\\", true},
      {"\\d", "d", true},
      {"\\d", "1", false},
      // any number of folders
      {"**", "a", true},
      {"**", "a/b/c", true},
      {"**/a", "a", true},
      {"**/a", "b/c/a", true},
      {"**/a", "ba", false},
      {"**/a", "b/ca", false},
      {"**/.a", "b.a", false},
      {"**/*.md", "README.md", true},
      {"**/*.md", "docs/api/README.md", true},
      {"**/a/b", "x/a/b", true},
      {"**/a/b", "x/a/y/b", false},
      {"**/a/*", "x/a/b", true},
      {"**/a/**", "x/a/b/c", true},
      {"**/a/**", "x/a", false},
      {"a/**", "a", false},
      {"a/**", "a/b", true},
      {"a/**", "a/b/c", true},
      {"a/**", "ab", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"a/**/b", "a/xb", false},
      {"a/**/b/**/c", "a/b/x/c", true},
      {"a**", "ab/c", true},
      {"a**/b", "ax/b", true},
      {"a**/b", "a/x/b", true},
      {"a**b", "axb", false},
      {"a**b", "ax/b", true},
      {"**/**", "a/b", true},
      {"***", "a/b", true},
      {"**a", "ba", true},
      {"**a", "x/ba", true},
      {"**.md", "docs/x.md", true},
      {"**a?", "ba1", false},
      {"**a?", "b/a1", true},
  };
  for (const auto& one : cases) {
    const auto pattern = Pattern::compile(one.pattern);
    REQUIRE_MESSAGE(pattern, one.pattern);
    CHECK_MESSAGE(pattern->matches(one.path) == one.matches, one.pattern, " and ", one.path);
  }
}

TEST_CASE("what is malformed is no pattern") {
  for (const char* text : {"[", "a[", "[a", "[a-", "[]", "[^]", "[^", "[]a]", "[-a]", "[a-]", "[a-b-c]", "[c-a]", "\\",
                           "a\\", "[\\", "[a\\", "x/[", "*["})
    CHECK_MESSAGE(!Pattern::compile(text), text);
}

TEST_CASE("a literal has no wildcards") {
  CHECK(Pattern::literal("a*[").matches("a*["));
  CHECK_FALSE(Pattern::literal("a*").matches("ab"));
}

TEST_CASE("it is known whether a pattern can match below a folder") {
  const std::vector<Match> cases = {
      {"a", "a", false},       {"a/b", "a", true},    {"a/b/c", "a", true},    {"a/b/c", "a/b", true},
      {"a/b", "b", false},     {"a/b", "ab", false},  {"*/b", "x", true},      {"*/b", "x/y", false},
      {"**/b", "x/y", true},   {"a/**", "a", true},   {"a/**/b", "a/x", true}, {"a/**/b", "x", false},
      {"*.md", "docs", false}, {"a[^b]c", "a", true},
  };
  for (const auto& one : cases)
    CHECK_MESSAGE(Pattern::compile(one.pattern)->may_match_below(one.path) == one.matches, one.pattern, " and ",
                  one.path);
}

TEST_CASE("matching takes no longer for a pattern that could match in many ways") {
  std::string stars;
  for (int i = 0; i < 100; ++i) stars += "*a";
  std::string folders;
  for (int i = 0; i < 100; ++i) folders += "**/a*/";
  CHECK_FALSE(Pattern::compile(stars + "b")->matches(std::string(4000, 'a')));
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "aa/";
  CHECK_FALSE(Pattern::compile(folders + "b")->matches(path + "c"));
  CHECK(Pattern::compile(folders + "b")->matches(path + "b"));
}

TEST_CASE("patterns are paths relative to the context") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a", "a"},         {"/a", "a"},        {"a/", "a"},      {"//a///b//", "a/b"}, {"./a/./b/.", "a/b"},
      {"a/../b", "b"},    {"a/b/..", "a"},    {"../a", "../a"}, {"/../a", "a"},       {"a/../../b", "../b"},
      {"/", ""},          {".", ""},          {"", ""},         {"a/..", ""},         {"**/../a", "a"},
      {"../..", "../.."}, {"a b/c", "a b/c"}, {"...", "..."},
  };
  for (const auto& one : cases) CHECK_MESSAGE(clean_pattern(one.first) == one.second, one.first);
}

}  // namespace

}  // namespace shunt::adapters::docker
