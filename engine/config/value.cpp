#include "shunt/value.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "config/encoding.hpp"

namespace shunt {

namespace {

constexpr std::size_t deepest_encoding = 256;

// NaN has many bit patterns, and which one arithmetic gives depends on the processor.
void make_canonical(Value& value) {
  if (value.is_number_float() && std::isnan(value.get<double>())) value = std::nan("");
  if (value.is_structured())
    for (auto& item : value) make_canonical(item);
}

Value readable(const Value& value) {
  if (value.is_object()) {
    Value copy = Value::object();
    for (const auto& [key, item] : value.items()) copy[key] = readable(item);
    return copy;
  }
  if (value.is_array()) {
    Value copy = Value::array();
    for (const auto& item : value) copy.push_back(readable(item));
    return copy;
  }
  if (value.is_number_float() && !std::isfinite(value.get<double>())) return nullptr;
  return value;
}

}  // namespace

std::string encode(const Value& value) {
  Value canonical = value;
  make_canonical(canonical);
  std::string bytes;
  Value::to_cbor(canonical, nlohmann::detail::output_adapter<char>(bytes));
  return bytes;
}

Value decode(std::string_view bytes) {
  if (!is_encoding(bytes, deepest_encoding))
    throw std::invalid_argument("not an encoded value: it is cut short, nested too deeply, or of another form");
  try {
    return Value::from_cbor(bytes.begin(), bytes.end());
  } catch (const Value::exception& reason) {
    throw std::invalid_argument(fmt::format("not an encoded value: {}", reason.what()));
  }
}

std::string to_text(const Value& value) {
  return readable(value).dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string sha256(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  std::string text;
  for (const auto byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace shunt
