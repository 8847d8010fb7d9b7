#include "secrets/vault.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace shunt::secrets {

namespace {

constexpr std::size_t shortest_masked = 4;  // masking "a" or "on" would blacken everything
constexpr std::string_view hidden = "***";

Error unreadable(const std::string& name, const std::string& why) {
  return {"SH1009", Kind::config, fmt::format("the secret {} cannot be read: {}", name, why),
          "make it readable for the user that runs shunt"};
}

std::string without_newline(std::string text) {
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  return text;
}

Result<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return unreadable("env:" + name, "the variable is not set");
  return without_newline(value);
}

Result<std::string> from_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable("file:" + path, "there is no such file, or it may not be read");
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return unreadable("file:" + path, "reading it failed");
  return without_newline(text.str());
}

// Longer secrets first: one may contain another.
std::string masked(std::string text, const std::set<std::string>& known) {
  std::vector<std::string> secrets(known.begin(), known.end());
  std::stable_sort(secrets.begin(), secrets.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
  for (const auto& secret : secrets)
    for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + hidden.size()))
      text.replace(at, secret.size(), hidden);
  return text;
}

}  // namespace

// A value of several lines is printed line by line more often than whole.
void Vault::remember(std::string value) {
  std::istringstream lines(value);
  for (std::string line; std::getline(lines, line);)
    if (line.size() >= shortest_masked && line.size() < value.size()) known_.insert(line);
  if (value.size() >= shortest_masked) known_.insert(std::move(value));
}

Task<Result<std::string>> Vault::read(Value handle) {
  Result<std::string> secret = unreadable("", "it is no secret handle");
  const Value how = is_secret(handle) ? handle["$secret"] : Value::object();
  if (how.contains("env")) {
    secret = from_environment(how["env"].get<std::string>());
  } else if (how.contains("file")) {
    secret = from_file(how["file"].get<std::string>());
  } else if (how.contains("command")) {
    process::Command command(how["command"].get<std::vector<std::string>>());
    const std::string name = command.argv.empty() ? "" : command.argv.front();
    auto finished = co_await processes_.run(std::move(command));
    if (!finished) {
      secret = unreadable("command:" + name, finished.error().message);
    } else if (finished->code != 0) {
      secret = unreadable("command:" + name, fmt::format("it ended with {}", finished->code));
    } else {
      secret = without_newline(finished->out);
    }
  }
  if (secret) remember(*secret);
  co_return std::move(secret);
}

std::string Vault::mask(std::string text) const {
  return known_.empty() ? text : masked(std::move(text), known_);
}

Value Vault::mask_all(Value value) const {
  if (known_.empty()) return value;
  if (value.is_string()) return mask(value.get<std::string>());
  if (value.is_array())
    for (auto& item : value) item = mask_all(std::move(item));
  if (!value.is_object()) return value;
  Value result = Value::object();
  for (auto& [key, item] : value.items()) result[mask(key)] = mask_all(std::move(item));
  return result;
}

Task<Result<Value>> Vault::reveal(Value value) {
  if (is_secret(value)) {
    auto secret = co_await read(std::move(value));
    Result<Value> opened = secret ? Result<Value>(Value(*secret)) : Result<Value>(secret.error());
    co_return std::move(opened);
  }
  if (value.is_structured())
    for (auto& item : value) {
      Value inner = std::move(item);
      auto opened = co_await reveal(std::move(inner));
      if (!opened) co_return std::move(opened);
      item = std::move(*opened);
    }
  Result<Value> whole(std::move(value));
  co_return std::move(whole);
}

}  // namespace shunt::secrets
