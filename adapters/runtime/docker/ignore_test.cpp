#include "adapters/runtime/docker/ignore.hpp"

#include <doctest/doctest.h>

namespace shunt::adapters::docker {

namespace {

IgnoreList list_of(const std::string& text) {
  auto list = IgnoreList::parse(text, ".dockerignore");
  if (!list) FAIL_CHECK(to_paragraph(list.error()));
  return list ? std::move(*list) : IgnoreList();
}

struct Listing {
  std::string text;
  std::vector<std::string> out;
  std::vector<std::string> in;
};

TEST_CASE("the last line that applies decides") {
  const std::vector<Listing> cases = {
      {"", {}, {"a", "a/b"}},
      {"# a\n\n  \n", {}, {"a"}},
      {"a", {"a", "a/b", "a/b/c"}, {"b", "b/a", "ab"}},
      {"/a/", {"a", "a/b"}, {"b/a"}},
      {"  a  \r\n\tb\r\n", {"a", "b"}, {}},
      {"\xef\xbb\xbf# note\na", {"a"}, {}},
      {"\xef\xbb\xbf"
       "a",
       {"a"},
       {}},
      {" # a", {"# a"}, {"a"}},
      {"*.md\n!README.md", {"x.md"}, {"README.md", "x.txt"}},
      {"!README.md\n*.md", {"README.md"}, {}},
      {"*.md\n!README*.md\nREADME-secret.md", {"x.md", "README-secret.md"}, {"README-1.md"}},
      {"*\n!d", {"a", "e/a"}, {"d", "d/a", "d/e/a"}},
      {"*\n!d/a", {"d", "d/b", "d/e/a"}, {"d/a"}},
      {"*\n!d/**", {"d"}, {"d/a", "d/e/a"}},
      {"d\n!d/a", {"d", "d/b"}, {"d/a"}},
      {"d\n! d/a", {"d/b"}, {"d/a"}},
      {"d/*\n!d/a", {"d/b", "d/b/c"}, {"d", "d/a", "d/a/c"}},
      {"d/**\n!d/**/a", {"d/b", "d/e/b"}, {"d", "d/a", "d/e/f/a"}},
      {"**\n!d/e\nd/e/x", {"a", "d/e/x"}, {"d/e", "d/e/a"}},
      {"d\n!d/e\nd/e/x\n!d/e/x/y", {"d/a", "d/e/x", "d/e/x/a"}, {"d/e/a", "d/e/x/y"}},
      {"**/node_modules", {"node_modules", "node_modules/a", "a/node_modules/b"}, {"node_modules2", "a/b"}},
      {"**/x\n!d", {"x", "d/x"}, {"d"}},
      {"d\n!d/a\n/d", {"d/b"}, {"d/a"}},
      {"\\#a\n\\!b", {"#a", "!b"}, {"a", "b"}},
      {".\n/\n..\n../a\n!.", {}, {"a", "b/a"}},
      {"a b", {"a b"}, {"a", "b"}},
  };
  for (const auto& one : cases) {
    const auto list = list_of(one.text);
    for (const auto& path : one.out) CHECK_MESSAGE(list.excludes(path), one.text, " and ", path);
    for (const auto& path : one.in) CHECK_MESSAGE(!list.excludes(path), one.text, " and ", path);
  }
}

TEST_CASE("an excluded folder is looked into where something may be included again") {
  const std::vector<Listing> cases = {
      // out: nothing below comes back; in: something may
      {"d", {"d"}, {}},
      {"d\n!d/a", {}, {"d"}},
      {"*\n!d/e/a", {"f"}, {"d", "d/e"}},
      {"*\n!**/*.md", {}, {"d", "d/e"}},
      {"*\n!a/**/b", {"b"}, {"a", "a/x"}},
      {"!d/a\nd", {"d"}, {}},
      {"d\n!d/e/a\nd/e", {}, {"d", "d/e"}},
  };
  for (const auto& one : cases) {
    const auto list = list_of(one.text);
    const auto may = [&](const std::string& folder) {
      IgnoreList::Verdict verdict;
      for (std::size_t end = 0; end != std::string::npos;) {
        end = folder.find('/', end + 1);
        verdict = list.judge(folder.substr(0, end), verdict);
      }
      CHECK(verdict.excluded);
      return list.may_include_below(folder, verdict);
    };
    for (const auto& folder : one.out) CHECK_MESSAGE(!may(folder), one.text, " and ", folder);
    for (const auto& folder : one.in) CHECK_MESSAGE(may(folder), one.text, " and ", folder);
  }
}

TEST_CASE("what has to be there is kept, by its very name") {
  auto list = list_of("*");
  list.keep("d[/Dockerfile");
  CHECK_FALSE(list.excludes("d[/Dockerfile"));
  CHECK(list.excludes("d[/a"));
  CHECK(list.may_include_below("d[", list.judge("d[", {})));
  CHECK_FALSE(list.may_include_below("e", list.judge("e", {})));
}

TEST_CASE("a malformed line is named") {
  for (const char* bad : {"[", "!", "! ", "!/", "!//", "![", "a\\", "[b-a]"}) {
    const auto list = IgnoreList::parse(std::string("a\n\n") + bad + "\nb", "web.dockerignore");
    REQUIRE_MESSAGE(!list, bad);
    CHECK(list.error().code == "SH1413");
    CHECK(list.error().kind == Kind::config);
    CHECK(list.error().where.file == "web.dockerignore");
    CHECK(list.error().where.line == 3);
    CHECK(!list.error().remedy.empty());
  }
}

}  // namespace

}  // namespace shunt::adapters::docker
