// One seed, whatever surrounds the program.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <set>

#include "harness/harness.hpp"
#include "shunt/json.hpp"

using namespace shunt;

TEST_CASE("the same seed gives the same trace with other addresses, padding, locale and time zone") {
  struct Surrounding {
    std::vector<std::string> before;
    std::map<std::string, std::string> environment;
  };
  const std::vector<Surrounding> surroundings = {
      {{}, {}},
      {{}, {{"TZ", "Pacific/Kiritimati"}, {"LC_ALL", "C"}}},
      {{}, {{"TZ", "America/St_Johns"}, {"LC_ALL", "tr_TR.UTF-8"}, {"LANG", "de_DE.UTF-8"}}},
      {{}, {{"MALLOC_PERTURB_", "165"}, {"MALLOC_ARENA_MAX", "1"}, {"GLIBC_TUNABLES", "glibc.malloc.tcache_count=0"}}},
      {{"setarch", "-R"}, {{"MALLOC_TOP_PAD_", "1234567"}}},
  };
  std::set<std::string> traces;
  for (const auto& one : surroundings) {
    harness::Command command;
    command.argv = one.before;
    for (const char* word :
         {"simulate", "--strategy", "gradual", "--runs", "20", "--seed", "11", "--set", "soak=1s", "--json"})
      command.argv.emplace_back(word);
    command.argv.insert(command.argv.begin() + static_cast<std::ptrdiff_t>(one.before.size()),
                        harness::shunt_program().string());
    command.env = one.environment;
    const auto ended = harness::run(command);
    REQUIRE_MESSAGE(ended.code() == 0, ended.output());
    const auto document = parse_json(ended.out);
    REQUIRE(document);
    CHECK((*document)["runs"] == 20);
    traces.insert((*document)["trace"].get<std::string>());
  }
  CHECK(traces.size() == 1);
}
