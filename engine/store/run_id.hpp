// Names for runs.
#pragma once

#include <cstdint>
#include <string>

namespace shunt::store {

/// A new name such as "20261121-043713-k3x9": the time (UTC) and four random letters of Crockford's base32. Names sort
/// by time to the second. `unix_ms` lies in the years 1970 to 9999. Throws std::system_error when the kernel gives no
/// randomness.
std::string new_run_id(std::int64_t unix_ms);

}  // namespace shunt::store
