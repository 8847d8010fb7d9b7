// Does everything exist that docs/security.md names as a proof?
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "harness/paths.hpp"

namespace {

namespace fs = std::filesystem;

fs::path top() {
  return shunt::harness::source_folder();
}

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A text with each run of blanks and line ends as one blank: titles may be broken over lines.
std::string in_one_line(const std::string& text) {
  return std::regex_replace(text, std::regex("[ \n]+"), " ");
}

/// From each "Proof:" to the end of its paragraph or list item.
std::vector<std::string> proofs() {
  const std::string page = text_of(top() / "docs/security.md");
  std::vector<std::string> found;
  constexpr std::string_view mark = "Proof:";
  for (auto at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1)) {
    const auto end = std::min({page.find("\n\n", at), page.find("\n* ", at), page.size()});
    found.push_back(in_one_line(page.substr(at + mark.size(), end - at - mark.size())));
  }
  return found;
}

std::vector<std::smatch> matches_in(const std::string& text, const std::regex& form) {
  return {std::sregex_iterator(text.begin(), text.end(), form), std::sregex_iterator()};
}

bool has_case(const fs::path& path, const std::string& title) {
  return in_one_line(text_of(top() / path)).find("TEST_CASE(\"" + title + "\")") != std::string::npos;
}

bool is_attack_or_target(const std::string& name) {
  return fs::exists(top() / "tests/sandbox/attacks" / (name + ".lua")) ||
         fs::exists(top() / "tests/fuzz" / (name + ".cpp"));
}

}  // namespace

TEST_CASE("every attack, fuzz target and test that the security model names exists") {
  std::set<std::string> names;
  std::size_t titles = 0;
  for (const auto& proof : proofs()) {
    for (const auto& name : matches_in(proof, std::regex("`([^`]+)`"))) {
      CHECK_MESSAGE(is_attack_or_target(name[1]), fmt::format("there is no attack or target {}", name[1].str()));
      names.insert(name[1]);
    }
    for (const auto& title : matches_in(proof, std::regex("\"([^\"]+)\" \\(([^)]+)\\)"))) {
      CHECK_MESSAGE(has_case(title[2].str(), title[1]),
                    fmt::format("{} has no test \"{}\"", title[2].str(), title[1].str()));
      ++titles;
    }
  }
  CHECK(names.size() >= 30);
  CHECK(titles >= 10);
}

TEST_CASE("every promise names its proof") {
  const std::string page = text_of(top() / "docs/security.md");
  const auto promises = page.substr(0, page.find("## What an operator"));
  for (const auto& item : matches_in(promises, std::regex("\n\\* \\*\\*([^*]+)"))) {
    const auto begin = static_cast<std::size_t>(item.position());
    const auto end = std::min({promises.find("\n* ", begin + 1), promises.find("\n\n", begin + 1), promises.size()});
    CHECK_MESSAGE(promises.substr(begin, end - begin).find("Proof:") != std::string::npos, item[1].str());
  }
}
