#include "cli/settings.hpp"

#include <doctest/doctest.h>
#include <map>

using namespace shunt;
using namespace shunt::cli;

namespace {

Environment holding(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

std::string root_for(const std::string& named, std::map<std::string, std::string> variables, bool root) {
  Options options;
  options.state = named;
  const auto found = state_root(options, holding(std::move(variables)), root);
  return found ? found->string() : found.error().code;
}

}  // namespace

TEST_CASE("the state's root: what is named comes first") {
  CHECK(root_for("/a", {{"SHUNT_STATE", "/b"}}, true) == "/a");
  CHECK(root_for("", {{"SHUNT_STATE", "/b"}, {"HOME", "/h"}}, true) == "/b");
  CHECK(root_for("rel", {}, true) == (std::filesystem::current_path() / "rel").string());
  CHECK(root_for("", {{"HOME", "/root"}, {"XDG_STATE_HOME", "/x"}}, true) == "/var/lib/shunt");
  CHECK(root_for("", {{"HOME", "/h"}, {"XDG_STATE_HOME", "/x"}}, false) == "/x/shunt");
  CHECK(root_for("", {{"HOME", "/h"}, {"XDG_STATE_HOME", "x"}}, false) == "/h/.local/state/shunt");
  CHECK(root_for("", {{"HOME", "/h"}}, false) == "/h/.local/state/shunt");
  CHECK(root_for("", {}, false) == "SH1953");
}

TEST_CASE("who calls, where the program is, and how it is run again") {
  Options options;
  options.state = "/somewhere";
  options.json = true;
  const auto settings = find_settings(options);
  REQUIRE(settings);
  CHECK(settings->state_named);
  CHECK(settings->by.find('@') != std::string::npos);
  const std::filesystem::path program = settings->program.front();
  CHECK(std::filesystem::is_regular_file(program));
  CHECK(settings->helpers == program.parent_path());
  CHECK(settings->program == std::vector<std::string>{program.string(), "--state", "/somewhere", "--json"});
  CHECK(settings->locks.empty());
}
