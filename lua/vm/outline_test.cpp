#include "vm/outline.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace shunt::lua;

namespace {

// "name:line" of each global, with "=" behind those that are assigned.
std::string globals(std::string_view text) {
  std::string all;
  for (const auto& use : outline_of(text).globals)
    all += fmt::format("{}{}{}:{}{}", all.empty() ? "" : " ", use.name, use.member.empty() ? "" : "." + use.member,
                       use.line, use.assigned ? "=" : "");
  return all;
}

std::string deploy_calls(std::string_view text) {
  std::string all;
  for (const auto& use : outline_of(text).deploy_calls)
    all += fmt::format("{}{}:{}", all.empty() ? "" : " ", use.member, use.line);
  return all;
}

}  // namespace

TEST_CASE("the deployment is a parameter called deploy, or the first one of run") {
  CHECK(deploy_calls("return { run = function(deploy)\ndeploy:soak(1) deploy.x:y() end }") == "soak:2");
  CHECK(deploy_calls("return { run = function(d, o) d:soak(1) o:a() end }") == "soak:1");
  CHECK(deploy_calls("local function all(x, deploy) deploy:a() x:b() end") == "a:1");
  CHECK(deploy_calls("return { run = function(d) return function(d) d:a() end end }") == "");
  CHECK(deploy_calls("local function f() return { run = function(d) d:a() end } end") == "");
  CHECK(deploy_calls("return { run = go, other = function(d) d:a() end }") == "");
  CHECK(deploy_calls("local deploy = {} deploy:a()") == "");
  CHECK(deploy_calls("return { run = function(deploy) local deploy = {} deploy:a() end }") == "");
}

TEST_CASE("names are resolved as Lua resolves them") {
  CHECK(globals("local a = b") == "b:1");
  CHECK(globals("local a a = 1 b = a") == "b:1=");
  CHECK(globals("local a = a") == "a:1");
  CHECK(globals("local function f() return f end") == "");
  CHECK(globals("local f = function() return f end") == "f:1");
  CHECK(globals("function f(a, ...) return a, f, ... end") == "f:1= f:1");
  CHECK(globals("local t = {} function t.a.b:c(x) self.y = x end function t.d(x) return self end") == "self:1");
  CHECK(globals("for i = i, 10 do local x = i end return i") == "i:1");
  CHECK(globals("for k, v in pairs(t) do k = v end k = 1") == "pairs:1 t:1 k:1=");
  CHECK(globals("do local x end x = 1") == "x:1=");
  CHECK(globals("repeat local x until x return x") == "x:1");
  CHECK(globals("while a do local a end if b then local b elseif c then local c else local d end return d") ==
        "a:1 b:1 c:1 d:1");
  CHECK(globals("local x <const>, y <close> = 1, nil return x, y") == "");
  CHECK(globals("goto done ::done:: return { a = b, [c] = d, e; f() }") == "b:1 c:1 d:1 e:1 f:1");
  CHECK(globals("a.b.c = 1 a[b] = c a:m(d) a'x' a{ x = y } a[[z]]") == "a.b:1 a:1 b:1 c:1 d:1 y:1");
  CHECK(globals("a, b.c = 1, 2") == "b.c:1 a:1=");
  CHECK(globals("local a = 1 -- b\n--[[ c\n]] --[==[ d ]==]\nlocal e = 'f' .. \"g\\\"h\" .. [[i]] .. [=[j]]k]=]") ==
        "");
  CHECK(globals("return 0x1p+4 + 3e-2 + .5 + 1 .. x") == "x:1");
  CHECK(globals("return a // b ~= c << d >> e & f | g ~ h == not i and -j or #k") ==
        "a:1 b:1 c:1 d:1 e:1 f:1 g:1 h:1 i:1 j:1 k:1");
  CHECK(globals("\n\nreturn (function(...) local a, b = ... return a(b)(c) end)(d)") == "c:3 d:3");
  CHECK(globals("local _ENV = { x = 1 } y = x") == "");
  CHECK(globals("_ENV = {} y = x") == "");
  CHECK(globals("_ENV.x = 1") == "");
  CHECK(globals("local function f(_ENV) return x end return y") == "y:1");
  CHECK(globals("return function() return ('x'):rep(n) end") == "n:1");
  CHECK(globals("clock.sleep(1) local clock clock.sleep(2)") == "clock.sleep:1");
}

TEST_CASE("text that is cut or strange does no harm") {
  const std::string_view text =
      "local a <const> = { [x] = function(y) for i = 1, 2 do return y[i]:z'q' end end } goto b ::b:: return a";
  for (std::size_t size = 0; size <= text.size(); ++size) CHECK_NOTHROW(outline_of(text.substr(0, size)));
  for (const auto* strange :
       {"]]", "end end", ") ( = ,", "'", "[[", "--[[", "0x", "\\", "\xff\xfe", "return return", "{{{{", "function("})
    CHECK_NOTHROW(outline_of(strange));
}

TEST_CASE("the place of every key is known") {
  const auto outline = outline_of(
      "local web = {\n  port = 1,\n}\nreturn {\n  app = 'x',\n  services = { web = web, [\"api\"] = {\n    a = 1 } "
      "},\n  checks = {\n    { name = 'n' },\n    more },\n  inc = include 'x.lua',\n}");
  REQUIRE(outline.returned != nullptr);
  const auto& fields = outline.returned->fields;
  CHECK(fields.at("app").line == 5);
  CHECK(fields.at("services").shape->fields.at("web").shape->fields.at("port").line == 2);
  CHECK(fields.at("services").shape->fields.at("api").shape->fields.at("a").line == 7);
  CHECK(fields.at("checks").shape->fields.at("[1]").line == 9);
  CHECK(fields.at("checks").shape->fields.at("[2]").line == 10);
  CHECK(fields.at("inc").shape->included == "x.lua");
  CHECK(outline.return_line == 4);
}
