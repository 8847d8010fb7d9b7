#include "adapters/notify/webhook/signature.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <array>

namespace shunt::webhook {

namespace {

using Digest = std::array<unsigned char, 32>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Digest hmac_sha256(const std::string& key, std::string_view text) {
  Digest digest{};
  unsigned int size = digest.size();
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(), digest.data(), &size);
  return digest;
}

std::string to_base64(const Digest& digest) {
  std::string text(4 * ((digest.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), digest.data(), static_cast<int>(digest.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

// OpenSSL passes over blanks, and takes "=" anywhere.
bool is_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto content = text.substr(0, text.find('='));
  const auto padding = text.size() - content.size();
  return !content.empty() && padding <= 2 && text.substr(content.size()) == std::string_view("==").substr(0, padding) &&
         content.find_first_not_of(digits) == std::string_view::npos;
}

// What OpenSSL decodes ends in zeros where the text ended in "=".
std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0 || text.size() > 4096 || !is_base64(text)) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  auto* out = reinterpret_cast<unsigned char*>(bytes.data());
  if (EVP_DecodeBlock(out, bytes_of(text), static_cast<int>(text.size())) < 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  bytes.resize(bytes.size() - padding);
  return bytes;
}

}  // namespace

std::optional<std::string> key_of(std::string_view secret) {
  constexpr std::string_view prefix = "whsec_";
  if (secret.substr(0, prefix.size()) == prefix) secret.remove_prefix(prefix.size());
  return from_base64(secret);
}

std::string standard_signature(const std::string& key, std::string_view id, std::int64_t time, std::string_view body) {
  return "v1," + to_base64(hmac_sha256(key, fmt::format("{}.{}.{}", id, time, body)));
}

std::string hub_signature(const std::string& secret, std::string_view body) {
  std::string text = "sha256=";
  for (const auto byte : hmac_sha256(secret, body)) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace shunt::webhook
