#include "vm/words.hpp"

#include <doctest/doctest.h>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::Play;

namespace {

std::string message_of(const std::string& body) {
  const auto outcome = Play().run(body);
  return outcome.error ? outcome.error->message : "ok";
}

}  // namespace

TEST_CASE("what Lua says is put in people's words") {
  CHECK(message_of("local t t.x = 1") == "'t' is nil here, so it has no fields to read or set");
  CHECK(message_of("local t = {} return t.a.b") == "'a' is nil here, so it has no fields to read or set");
  CHECK(message_of("local t = 5 return t.x.y") == "'t' is a number here, so it has no fields to read or set");
  CHECK(message_of("local f f()") == "'f' is nil here, so it cannot be called");
  CHECK(message_of("local t = {} t:go()") == "there is no method 'go' here");
  CHECK(message_of("local t = {} t.go()") == "'go' is nil here, so it cannot be called");
  CHECK(message_of("string.exp(1)") == "'exp' is nil here, so it cannot be called");
  CHECK(message_of("(1)()") == "a value is a number here, so it cannot be called");
  CHECK(message_of("local a return a + 1") == "'a' is nil here, so it cannot be calculated with");
  CHECK(message_of("return {} .. 'x'") == "a value is a table here, so it cannot be joined to a string");
  CHECK(message_of("local a return 'x' .. a") == "'a' is nil here, so it cannot be joined to a string");
  CHECK(message_of("local a return #a") == "'a' is nil here, so it has no length");
  CHECK(message_of("local a = {} return a | 1") == "'a' is a table here, so it cannot be calculated with");
  CHECK(message_of("return 1.5 | 1") == "a whole number is needed here");
  CHECK(message_of("return 1 < 'x'") == "a number cannot be compared with a string");
  CHECK(message_of("return {} < {}") == "two values of type table have no order");
  CHECK(message_of("return nil < nil") == "both values are nil here, so neither is the smaller");
  CHECK(message_of("for i = 'a', 2 do end") == "the initial value of this 'for' must be a number");
  CHECK(message_of("for i = 1, 2, 0 do end") == "'for' step is zero");
  CHECK(message_of("return 1 // 0") == "a whole number was divided by zero");
  CHECK(message_of("return 1 % 0") == "a whole number was divided by zero");
  CHECK(message_of("local t = {} t[nil] = 1") == "nil cannot be a key of a table");
  CHECK(message_of("local t = {} t[0/0] = 1") == "'not a number' cannot be a key of a table");
  CHECK(message_of("local function f() return 1 + f() end f()") == "functions call each other too deeply");
  CHECK(message_of("for x in nil do end").find("nil value") == std::string::npos);
  CHECK(message_of("local x <close> = {}") == "'x' is declared <close>, but scripts have no values that can be closed");
  CHECK(message_of("return -{}") == "a value is a table here, so it cannot be calculated with");
}

TEST_CASE("a message that is not known stays, without 'a nil value'") {
  CHECK(lua::plain_words("something odd").message == "something odd");
  CHECK(lua::plain_words("attempt to frob a nil value").message == "attempt to frob nil");
  CHECK(lua::plain_words("attempt to index").message == "attempt to index");
  CHECK(lua::plain_words("attempt to index a ").message == "attempt to index a ");
  CHECK(lua::plain_words("").message.empty());
  CHECK(lua::plain_words(std::string(100'000, 'x')).message.size() == 1000);
}

TEST_CASE("remedies name what is missing") {
  CHECK(Play().run("local t t.x = 1").error->remedy ==
        "give 't' a value before this line, or check it with `if t then`");
  CHECK(Play().run("local t = {} t.a.b = 1").error->remedy ==
        "check the spelling of 'a', and whether whatever it belongs to always has it");
}
