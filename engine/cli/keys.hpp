// An adapter's keys as people read them.
#pragma once

#include <string>

#include "shunt/schema.hpp"

namespace shunt::cli {

/// "string", "list of strings", "{ blue =, green = } of integer".
std::string type_text(const Key& key);

/// The fallback as it would be written in an app file; "" where there is none.
std::string default_text(const Key& key);

/// "{ type = \"NAME\", socket = \"...\" }": a table with the keys that must be there.
std::string example_table(const std::string& name, const Schema& schema);

}  // namespace shunt::cli
