// Every verb there is: what sort it is, what happens when it is in doubt, its arguments, and what undoes it.
#pragma once

#include <string_view>
#include <vector>

#include "shunt/call.hpp"
#include "shunt/registry.hpp"

namespace shunt::effects {

enum class Sort {
  primitive,  ///< goes through the waist to the world
  composite,  ///< an engine routine made of primitives
  note,       ///< changes only what is known: answered at once, journaled
};

struct Verb {
  std::string_view name;
  Sort sort;
  EffectClass effect;
  std::string_view arguments;
  std::string_view undo;  ///< in words, "" where there is nothing to undo
};

const std::vector<Verb>& verbs();

/// Nothing when there is no such verb.
const Verb* find_verb(std::string_view name);

/// The class of this very Call: some verbs depend on their arguments.
EffectClass effect_of(const Call& call);
EffectClass effect_of(const Verb& verb, const Value& args);

}  // namespace shunt::effects
