#include "effects/verbs.hpp"

#include <doctest/doctest.h>
#include <set>

using namespace shunt;
using effects::effect_of;

TEST_CASE("no verb stands in the table twice, and each is found") {
  std::set<std::string_view> names;
  for (const auto& verb : effects::verbs()) {
    INFO(verb.name);
    CHECK(names.insert(verb.name).second);
    REQUIRE(effects::find_verb(verb.name) != nullptr);
    CHECK(effects::find_verb(verb.name)->name == verb.name);
  }
  CHECK(effects::find_verb("proxy.sett") == nullptr);
  CHECK(effects::find_verb("") == nullptr);
}

TEST_CASE("what reads may be done again, what writes may not, unless it says so") {
  CHECK(effect_of(Call("http.request")) == EffectClass::observe);
  CHECK(effect_of(Call("http.request", {{"method", "HEAD"}})) == EffectClass::observe);
  CHECK(effect_of(Call("http.request", {{"method", "POST"}})) == EffectClass::one_shot);
  CHECK(effect_of(Call("exec.run")) == EffectClass::one_shot);
  CHECK(effect_of(Call("exec.run", {{"idempotent", true}})) == EffectClass::ensure);
  CHECK(effect_of(Call("proxy.set")) == EffectClass::compare_and_set);
  CHECK(effect_of(Call("instances.start")) == EffectClass::ensure);
  for (const auto* verb : {"image.build", "image.tag", "image.push"})
    CHECK(effect_of(Call(verb)) == EffectClass::ensure);
  CHECK(effect_of(Call("no such verb")) == EffectClass::one_shot);
}
