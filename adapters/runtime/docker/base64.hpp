// Base64, as registries' logins are written in it (RFC 4648).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace shunt::adapters::docker {

/// The alphabet for URLs (section 5), padded with "=".
std::string to_base64url(std::string_view bytes);

/// The plain alphabet (section 4), with or without its padding. Nothing when a character is of another one, or the
/// length is impossible.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace shunt::adapters::docker
