// The form of encoded values, before the library reads them.
#pragma once

#include <cstddef>
#include <string_view>

namespace shunt {

/// Whether `bytes` begin with one value in the form that `encode` writes (CBOR, RFC 8949; every length told in advance,
/// no tags), and at most `deepest` lists and objects of it lie inside each other. Does not call itself for what lies
/// inside.
bool is_encoding(std::string_view bytes, std::size_t deepest);

}  // namespace shunt
