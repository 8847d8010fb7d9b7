// What a script can reach, found from within, against a list that somebody has read.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <algorithm>
#include <fstream>

#include "harness/paths.hpp"
#include "vm/api.hpp"
#include "vm/recorder.hpp"
#include "vm/sandbox.hpp"

using namespace shunt;

namespace {

using Lines = std::vector<std::string>;

// Walks everything below `root`: fields, metatables, and whatever else a table gives away when it is gone through or
// made a metatable. `lines` gets "path: type" for each, `seen` stops it at what it knows.
constexpr const char* walker = R"lua(
local lines, seen = {}, {}
local walk
local function note(path, value)
  lines[#lines + 1] = path .. ": " .. type(value)
end
local function walk_others(path, value)
  local given, state, control = pairs(value)
  if state ~= value then walk(path .. "<pairs>", state) end
  if control ~= nil then walk(path .. "<pairs control>", control) end
  local _, list = ipairs(value)
  if list ~= value then walk(path .. "<ipairs>", list) end
  local behind = getmetatable(setmetatable({}, value))
  if behind ~= value and behind ~= rawget(value, "__metatable") then walk(path .. "<as metatable>", behind) end
end
function walk(path, value)
  note(path, value)
  local meta = getmetatable(value)
  if meta ~= nil and type(value) ~= "string" then walk(path .. "<metatable>", meta) end
  if type(value) ~= "table" or seen[value] then return end
  seen[value] = true
  for key, inner in pairs(value) do
    if type(key) == "string" then walk(path .. "." .. key, inner) else walk(path .. "[]", inner) end
  end
  walk_others(path, value)
end
local function walk_methods(path, object, names)
  walk(path, object)
  for name in names:gmatch("%S+") do
    local ok, method = pcall(function() return object[name] end)
    if ok then walk(path .. ":" .. name, method) end
  end
end
local function walk_all(names)
  for name in names:gmatch("%S+") do
    if name ~= "deploy" then walk(name, _ENV[name]) end
  end
  for name, value in pairs(_ENV) do
    if not names:find(name, 1, true) then walk("_ENV." .. name, value) end
  end
  walk_others("_ENV", _ENV)
  walk('""<metatable>', getmetatable(""))
  walk("function<metatable>", getmetatable(type))
  walk("number<metatable>", getmetatable(1))
  walk("coroutine<metatable>", getmetatable(coroutine.create(type)))
  local _, problem = pcall(error, "x")
  walk("<error>", problem)
end
)lua";

std::string names_of(lua::Surface surface) {
  return fmt::format("{}", fmt::join(lua::global_names(surface), " "));
}

std::string methods_of(const char* object) {
  Lines names;
  for (const auto& function : lua::find_module(object)->functions) names.push_back(function.name);
  return fmt::format("{}", fmt::join(names, " "));
}

Lines reachable_in_a_strategy() {
  lua::test::Play play;
  play.recorder.answer = [](const Call& call) {
    return call.verb == "launch" ? Outcome(Value{{"color", "green"}}) : Outcome();
  };
  const auto run = fmt::format(
      "walk_all('{}') walk_methods('deploy', deploy, '{}') walk_methods('<colour>', deploy:launch(), '{}')\n"
      "walk('<options>', options) for _, line in ipairs(lines) do log.info(line) end",
      names_of(lua::Surface::strategy), methods_of("deploy"), methods_of("colour"));
  REQUIRE_FALSE(play.load(std::string(walker) + "return { api = 1, summary = 's', run = function(deploy, options)\n" +
                          run + " end }"));
  REQUIRE(lua::test::line_of(play.go()) == "ok");
  Lines lines;
  for (const auto& call : play.recorder.calls) {
    const auto args = Value::parse(call.substr(call.find(' ') + 1));
    if (call.starts_with("log ")) lines.push_back("strategy " + args.at("text").get<std::string>());
  }
  return lines;
}

Lines reachable_in_an_app_file() {
  const auto text = std::string(walker) + "walk_all('" + names_of(lua::Surface::app) + "')\nreturn lines";
  const auto app = lua::make_runtime({})->load_app(
      "shunt.lua", [&](const std::string&) { return std::optional(text); },
      [](const std::string&) { return std::nullopt; });
  REQUIRE_MESSAGE(app, (app ? "" : to_line(app.error())));
  Lines lines;
  for (const auto& line : app->table) lines.push_back("app " + line.get<std::string>());
  return lines;
}

Lines checked_in() {
  std::ifstream file(harness::source_folder() / "tests/sandbox/reachable.txt");
  Lines lines;
  for (std::string line; std::getline(file, line);)
    if (!line.starts_with('#')) lines.push_back(line);
  return lines;
}

Lines without(const Lines& all, const Lines& others) {
  Lines rest;
  std::set_difference(all.begin(), all.end(), others.begin(), others.end(), std::back_inserter(rest));
  return rest;
}

}  // namespace

TEST_CASE("a script reaches what reachable.txt lists, and nothing else") {
  Lines found = reachable_in_a_strategy();
  for (auto& line : reachable_in_an_app_file()) found.push_back(std::move(line));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  const Lines listed = checked_in();
  CHECK_MESSAGE(without(found, listed).empty(),
                fmt::format("not in the list:\n{}", fmt::join(without(found, listed), "\n")));
  CHECK_MESSAGE(without(listed, found).empty(),
                fmt::format("only in the list:\n{}", fmt::join(without(listed, found), "\n")));
}
