// The data that crosses the waist: what Lua tables, Calls and Outcomes are made of.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace shunt {

/// A JSON-shaped value. Object keys are sorted, integers and floats stay apart, strings are bytes (they need not be
/// UTF-8), and floats may be NaN or infinite: so it is encoded as CBOR, never as JSON text, wherever it must come back
/// the same.
using Value = nlohmann::json;

/// The canonical bytes of `value`: equal values give equal bytes, on every machine.
std::string encode(const Value& value);

/// What `encode` was given. Throws std::invalid_argument for bytes that it does not write, and for over 256 levels.
Value decode(std::string_view bytes);

/// What `decode(encode(value))` gives, without the bytes. Throws std::invalid_argument for over 256 levels.
Value canonical(Value value);

/// JSON text for people and for `--json`: bytes that are not UTF-8 become U+FFFD, NaN and infinities null.
std::string to_text(const Value& value);

/// Lower-case hexadecimal SHA-256 of `bytes`.
std::string sha256(std::string_view bytes);

}  // namespace shunt
