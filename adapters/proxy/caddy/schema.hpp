// The keys of an app file's table for Caddy, and what may stand in them.
#pragma once

#include <string>

#include "shunt/error.hpp"
#include "shunt/schema.hpp"

namespace shunt::caddy {

Schema schema_of_caddy();

/// For the Caddyfile.
std::string lines_to_paste();

/// Letters, digits, hyphens and underscores: it becomes part of names of files and of matchers.
bool is_service_name(const std::string& name);
/// A whole path of nothing that Caddy would replace or match by.
bool is_plain_folder(const std::string& path);

Error bad_admin(const std::string& admin);
Error bad_service(const std::string& name);
Error no_folder();
Error bad_folder(const std::string& folder);
Error no_command();
Error no_handler();
Error bad_path(const std::string& path);

}  // namespace shunt::caddy
