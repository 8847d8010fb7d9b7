#include "adapters/conformance/bench_context.hpp"

namespace shunt::conformance {

Task<Result<std::string>> Vault::read(Value handle) {
  const auto name = handle["$secret"].value("env", "");
  const auto found = values.find(name);
  if (found == values.end()) {
    Error error("SH1009", Kind::config, "the secret env:" + name + " cannot be read", "set it");
    co_return error;
  }
  remember(found->second);
  co_return found->second;
}

void Vault::remember(std::string value) {
  if (!value.empty()) known_.insert(std::move(value));
}

std::string Vault::mask(std::string text) const {
  for (const auto& value : known_)
    for (auto at = text.find(value); at != std::string::npos; at = text.find(value))
      text.replace(at, value.size(), "***");
  return text;
}

Value Vault::mask_all(Value value) const {
  if (value.is_string()) return mask(value.get<std::string>());
  if (value.is_structured())
    for (auto& item : value) item = mask_all(item);
  return value;
}

Task<Result<Value>> Vault::reveal(Value value) {
  for (auto& item : value) {
    if (!is_secret(item)) continue;
    auto secret = co_await read(item);
    if (!secret) co_return std::move(secret).error();
    item = *secret;
  }
  co_return value;
}

}  // namespace shunt::conformance
