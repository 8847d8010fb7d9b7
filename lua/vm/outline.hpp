// What can be told about a Lua text without running it: which globals it uses, and where the keys of its table stand.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"

namespace shunt::lua {

/// The first use of a name, as this or with this member, that no `local`, parameter or loop variable declares.
struct GlobalUse {
  std::string name;
  std::string member;  ///< "sleep" in `clock.sleep`, else empty
  int line = 0;
  bool assigned = false;
  std::string like;  ///< the local name in reach that is nearest to it, else empty
};

/// A table constructor whose value the text returns, or a part of it.
struct Shape {
  struct Field {
    int line = 0;
    const Shape* shape = nullptr;  ///< what is inside, where it can be told
  };

  std::map<std::string, Field> fields;  ///< by key; elements of a list are "[1]", "[2]", ...
  std::string included;                 ///< it is what this file returns instead
};

struct Outline {
  std::vector<GlobalUse> globals;       ///< 500 at most
  std::vector<GlobalUse> deploy_calls;  ///< `deploy:soak(...)`, on a parameter that is likely the deployment
  const Shape* returned = nullptr;
  int return_line = 0;
  std::deque<Shape> shapes;  ///< owns what the pointers point to
};

/// `text` must be one that Lua has accepted.
Outline outline_of(std::string_view text);

}  // namespace shunt::lua
