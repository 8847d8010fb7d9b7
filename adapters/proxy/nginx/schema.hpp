// The keys of an app file's table for nginx, and what may stand in them.
#pragma once

#include <string>

#include "shunt/error.hpp"
#include "shunt/schema.hpp"

namespace shunt::nginx {

Schema schema_of_nginx();

/// For nginx.conf.
std::string lines_to_paste();

/// Letters, digits and underscores: it becomes part of variables.
bool is_upstream_name(const std::string& name);
/// Names of variables, and letters, digits and some marks between them: nothing that could end the quotes it stands in.
bool is_split(const std::string& split);
/// Without control characters and dollar signs.
bool is_quotable(const std::string& path);

Error no_upstream_name(const std::string& name);
Error no_split(const std::string& split);
Error no_command(const std::string& key);
Error no_link();
Error bad_link(const std::string& link);

}  // namespace shunt::nginx
