// Signatures by which a receiver knows who sent a webhook.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace shunt::webhook {

/// The bytes of a Standard Webhooks secret: base64, with or without "whsec_" before it. Nothing when it is neither, or
/// empty.
std::optional<std::string> key_of(std::string_view secret);

/// The value of `webhook-signature`: "v1," and the base64 of the HMAC-SHA256 of "ID.TIME.BODY"; `time` in unix seconds.
std::string standard_signature(const std::string& key, std::string_view id, std::int64_t time, std::string_view body);

/// The value of `X-Hub-Signature-256`: "sha256=" and the HMAC-SHA256 of the body in hexadecimal.
std::string hub_signature(const std::string& secret, std::string_view body);

}  // namespace shunt::webhook
