#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "harness/paths.hpp"
#include "harness/program.hpp"

using namespace shunt::harness;

namespace {

std::filesystem::path here(const std::string& name) {
  return source_folder() / "tests/coroutines" / name;
}

Ran check(const std::filesystem::path& file) {
  return run({{(source_folder() / "script/check-coroutines").string(), file.string()}});
}

// "LINE RULE" for each comment `// finds: RULE...`.
std::set<std::string> wanted(const std::filesystem::path& file) {
  std::set<std::string> findings;
  std::ifstream in(file);
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    const auto at = line.find("// finds: ");
    if (at == std::string::npos || line.find('`') != std::string::npos) continue;
    std::istringstream rules(line.substr(at + 10));
    for (std::string rule; rules >> rule;) findings.insert(std::to_string(number) + " " + rule);
  }
  return findings;
}

// "LINE RULE" for each line `FILE:LINE: RULE: ADVICE`.
std::set<std::string> found(const std::string& output, const std::filesystem::path& file) {
  std::set<std::string> findings;
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);) {
    REQUIRE(line.starts_with(file.string() + ":"));
    std::istringstream parts(line.substr(file.string().size() + 1));
    std::string number, rule;
    parts >> number >> rule;
    findings.insert(number.substr(0, number.find(':')) + " " + rule.substr(0, rule.find(':')));
  }
  return findings;
}

std::string without(const std::set<std::string>& all, const std::set<std::string>& those) {
  std::string text;
  for (const auto& one : all)
    if (!those.contains(one)) text += one + "; ";
  return text;
}

}  // namespace

TEST_CASE("the checker names every wrong form, with what to do, and nothing else") {
  const auto ran = check(here("wrong.txt"));
  CHECK(ran.code() == 1);
  const auto expected = wanted(here("wrong.txt"));
  const auto named = found(ran.out, here("wrong.txt"));
  CHECK(expected.size() > 30);
  CHECK(without(expected, named) == "");
  CHECK(without(named, expected) == "");
  CHECK(ran.out.find("handler: record the error in catch, await after the block") != std::string::npos);
}

TEST_CASE("the checker has nothing to say about the right forms") {
  const auto ran = check(here("right_test.cpp"));
  CHECK(ran.output() == "");
  CHECK(ran.code() == 0);
}
