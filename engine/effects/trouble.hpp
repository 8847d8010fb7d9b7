// What may become of a Call in a world that is made to fail.
#pragma once

#include <string>

#include "shunt/error.hpp"

namespace shunt::effects {

enum class Trouble {
  none,
  fail,         ///< not done, and not worth another try
  unreachable,  ///< not done, at once; worth another try
  timeout,      ///< not done, and no answer for two seconds; worth another try
  lost,         ///< done, but the answer cannot be understood; not worth another try
  late,         ///< done, but no answer for two seconds; worth another try
};

/// Whether the world does the Call all the same.
bool is_done(Trouble trouble);

/// Whether its answer takes the whole patience of who asked.
bool is_late(Trouble trouble);

/// What who asked for `verb` is told. Not for `none`.
Error error_of(Trouble trouble, const std::string& verb);

}  // namespace shunt::effects
