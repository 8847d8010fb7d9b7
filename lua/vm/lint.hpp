// What a strategy's text shows to be a mistake, though it loads: read, not run.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"

namespace shunt::lua {

/// SH2201 an option that is never used, SH2202 a primitive's name taken by a local, SH2203 a result that is ignored,
/// SH2204 the old version retired without a gate after the last shift, SH2205 the old colour needed after it was
/// retired, SH2206 an undo registered when nothing is rolled back any more, SH2207 the length of a table with holes.
/// Calls count in the order in which they stand. `options` are those that the strategy declares.
std::vector<Error> lint(const std::string& file, std::string_view text, const Value& options);

}  // namespace shunt::lua
