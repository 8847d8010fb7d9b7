#include "shunt/value.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>

#include "config/encoding.hpp"

namespace shunt {

namespace {

constexpr std::size_t deepest_encoding = 256;

// NaN has many bit patterns, and which one arithmetic gives depends on the processor.
bool has_nan(const Value& value) {
  if (value.is_structured())
    return std::any_of(value.begin(), value.end(), [](const Value& item) { return has_nan(item); });
  return value.is_number_float() && std::isnan(value.get<double>());
}

// In bytes a whole number that is not negative has no sign.
void make_canonical(Value& value, std::size_t levels_left) {
  if (value.is_structured()) {
    if (levels_left == 0) throw std::invalid_argument("a value is nested too deeply");
    for (auto& item : value) make_canonical(item, levels_left - 1);
  } else if (value.is_number_float()) {
    if (std::isnan(value.get<double>())) value = std::nan("");
  } else if (value.type() == Value::value_t::number_integer && value.get<std::int64_t>() >= 0) {
    value = value.get<std::uint64_t>();
  }
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
  std::string bytes;
  const nlohmann::detail::output_adapter<char> to(bytes);
  if (has_nan(value))
    Value::to_cbor(canonical(value), to);
  else
    Value::to_cbor(value, to);
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

Value canonical(Value value) {
  make_canonical(value, deepest_encoding);
  return value;
}

std::string to_text(const Value& value) {
  return readable(value).dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string sha256(std::string_view bytes) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // looked up once: that is slow
  static constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm, nullptr) != 1)
    throw std::runtime_error("the library for hashes has no SHA-256");
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    text += digits[digest[i] >> 4U];
    text += digits[digest[i] & 15U];
  }
  return text;
}

}  // namespace shunt
