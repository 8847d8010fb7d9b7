#include "definitions.hpp"

#include <doctest/doctest.h>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "vm/api.hpp"

using namespace shunt;

namespace {

// The file in the checkout, which must be what is generated; SHUNT_UPDATE_GOLDEN writes it.
void check_file(const std::string& name, const std::string& text) {
  const auto path = std::string(SHUNT_SOURCE) + "/" + name;
  if (std::getenv("SHUNT_UPDATE_GOLDEN") != nullptr) std::ofstream(path, std::ios::binary) << text;
  std::ostringstream there;
  there << std::ifstream(path, std::ios::binary).rdbuf();
  CHECK_MESSAGE(there.str() == text, name, " is stale: run lua_test with SHUNT_UPDATE_GOLDEN=1");
}

std::string all_definitions() {
  std::string all;
  for (const auto& file : lua::type_definitions()) all += file.text;
  return all;
}

}  // namespace

TEST_CASE("the definitions and pages in the checkout are those of this version") {
  for (const auto& file : lua::type_definitions()) check_file("lua/types/" + file.name, file.text);
  for (const auto& page : lua::api_pages()) check_file("docs/api/" + page.name, page.text);
}

TEST_CASE("every function is documented, in the definitions, in the pages, and by the prompt") {
  const auto definitions = all_definitions();
  std::string pages;
  for (const auto& page : lua::api_pages()) pages += page.text;
  for (const auto& module : lua::api())
    for (const auto& function : module.functions) {
      CAPTURE(function.full_name);
      CHECK(function.doc.size() > 5);
      CHECK((function.returns.empty() == function.gives.empty()));
      CHECK(definitions.find(function.full_name) != std::string::npos);
      CHECK(pages.find("### `" + function.full_name) != std::string::npos);
      CHECK(!lua::help_for(function.full_name).empty());
      for (const auto* list : {&function.arguments, &function.options})
        for (const auto& parameter : *list) CHECK(parameter.doc.size() > 2);
    }
}

// Where no language server is at hand: the lines of annotations have the form that one reads, and name only types that
// exist.
TEST_CASE("the annotations are well formed") {
  std::set<std::string> classes;
  std::istringstream text(all_definitions());
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) {
    lines.push_back(line);
    for (const char* tag : {"---@class ", "---@alias "})
      if (line.starts_with(tag)) classes.insert(line.substr(10, line.find(' ', 10) - 10));
  }
  CHECK(classes.count("shunt.deploy") == 1);
  for (const auto& line : lines) {
    CAPTURE(line);
    for (auto at = line.find("shunt."); line.starts_with("---@") && at != std::string::npos;
         at = line.find("shunt.", at + 1)) {
      const auto end = line.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.", at);
      CHECK(classes.count(line.substr(at, end - at)) == 1);
    }
    if (line.starts_with("---@param ")) CHECK(line.find(' ', 10) != std::string::npos);
    if (!line.starts_with("---@")) continue;
    int open = 0;
    for (const char letter : line) open += letter == '{' || letter == '(' ? 1 : letter == '}' || letter == ')' ? -1 : 0;
    CHECK(open == 0);
    CHECK(std::count(line.begin(), line.end(), '"') % 2 == 0);
  }
}

TEST_CASE("names are completed as they are written") {
  CHECK(lua::names_beginning("deploy:sh") == std::vector<std::string>{"deploy:shift"});
  CHECK(lua::names_beginning("cl") == std::vector<std::string>{"clock"});
  CHECK(lua::names_beginning("clock.") == std::vector<std::string>{"clock.date", "clock.now", "clock.sleep"});
  CHECK(lua::names_beginning("xyzzy").empty());
}
