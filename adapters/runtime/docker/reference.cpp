#include "adapters/runtime/docker/reference.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace shunt::adapters::docker {

namespace {

constexpr std::string_view hub = "docker.io";
constexpr std::string_view old_hub = "index.docker.io";
constexpr std::string_view official = "library/";  ///< what the hub keeps names without a slash under
constexpr std::size_t longest_path = 255;
constexpr std::size_t longest_tag = 128;
constexpr std::size_t longest_shown = 300;
constexpr std::array<std::pair<std::string_view, std::size_t>, 3> digests = {
    {{"sha256", 64}, {"sha384", 96}, {"sha512", 128}}};  ///< with the number of their digits

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

bool is_lower(char byte) {
  return byte >= 'a' && byte <= 'z';
}

bool is_capital(char byte) {
  return byte >= 'A' && byte <= 'Z';
}

bool is_alphanumeric(char byte) {
  return is_digit(byte) || is_lower(byte) || is_capital(byte);
}

bool is_hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return is_digit(byte) || (byte >= 'a' && byte <= 'f'); });
}

bool has_capital(std::string_view text) {
  return std::any_of(text.begin(), text.end(), is_capital);
}

/// Calls `is_good` with each part of `text` between separators until one is not.
template <typename Good>
bool all_parts(std::string_view text, char separator, const Good& is_good) {
  for (;;) {
    const auto end = text.find(separator);
    if (!is_good(text.substr(0, end))) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

/// Lower-case letters and digits, between which "." "_" "__" or any number of "-" may stand.
bool is_path_component(std::string_view text) {
  std::string_view between;
  bool begun = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_lower(text[i]) && !is_digit(text[i])) {
      between = text.substr(i - between.size(), between.size() + 1);
      continue;
    }
    const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
    if (!between.empty() && (!begun || !(dashes || between == "." || between == "_" || between == "__"))) return false;
    between = {};
    begun = true;
  }
  return begun && between.empty();
}

/// Letters, digits and dashes, the latter not at an end.
bool is_host_component(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char byte) { return is_alphanumeric(byte) || byte == '-'; });
}

bool is_ipv6(std::string_view text) {
  if (text.size() < 4 || !text.starts_with('[') || !text.ends_with(']')) return false;
  return text.find_first_not_of("0123456789abcdefABCDEF:", 1) == text.size() - 1;
}

bool is_domain(std::string_view text) {
  const auto colon = text.find(':', text.starts_with('[') ? text.find(']') : 0);
  const auto host = text.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = text.substr(colon + 1);
    if (port.empty() || !std::all_of(port.begin(), port.end(), is_digit)) return false;
  }
  return is_ipv6(host) || all_parts(host, '.', is_host_component);
}

bool is_tag(std::string_view text) {
  if (text.empty() || text.size() > longest_tag || text.front() == '.' || text.front() == '-') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char byte) { return is_alphanumeric(byte) || byte == '_' || byte == '.' || byte == '-'; });
}

bool is_digest(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  const auto known = std::find_if(digests.begin(), digests.end(),
                                  [&](const auto& digest) { return digest.first == text.substr(0, colon); });
  const auto digits = text.substr(colon + 1);
  return known != digests.end() && digits.size() == known->second && is_hexadecimal(digits);
}

bool is_registry(std::string_view first) {
  return first.find_first_of(".:") != std::string_view::npos || first == "localhost" || has_capital(first);
}

Error no_reference(std::string_view text, const std::string& why) {
  return Error("SH1410", Kind::config, fmt::format("'{}' is no image: {}", text.substr(0, longest_shown), why),
               "write it like shop:v1, team/shop:v1 or registry.example:5000/team/shop:v1");
}

/// Splits "registry/path" and fills in what is left out.
void read_name(std::string_view name, Reference& reference) {
  const auto slash = name.find('/');
  const bool registry = slash != std::string_view::npos && is_registry(name.substr(0, slash));
  reference.domain = registry ? name.substr(0, slash) : hub;
  reference.path = registry ? name.substr(slash + 1) : name;
  if (reference.domain == old_hub) reference.domain = hub;
  if (reference.domain == hub && reference.path.find('/') == std::string::npos) reference.path.insert(0, official);
}

/// What is wrong with it, if anything.
std::optional<std::string> fault_of(const Reference& reference) {
  if (!is_domain(reference.domain)) return fmt::format("'{}' is no registry", reference.domain);
  if (has_capital(reference.path)) return "the name of a repository has no capital letters";
  if (!all_parts(reference.path, '/', is_path_component))
    return fmt::format("'{}' is no name of a repository", reference.path);
  if (reference.path.size() > longest_path)
    return fmt::format("the name of a repository has at most {} letters", longest_path);
  return std::nullopt;
}

std::string ending_of(const Reference& reference) {
  std::string ending;
  if (!reference.tag.empty()) ending += ":" + reference.tag;
  if (!reference.digest.empty()) ending += "@" + reference.digest;
  return ending;
}

}  // namespace

Result<Reference> parse_reference(std::string_view text) {
  if (text.empty()) return no_reference(text, "it is empty");
  if (text.size() == 64 && is_hexadecimal(text)) return no_reference(text, "it is the ID of one, which has no version");
  Reference reference;
  const auto at = text.find('@');
  auto name = text.substr(0, at);
  if (at != std::string_view::npos) {
    reference.digest = text.substr(at + 1);
    if (!is_digest(reference.digest))
      return no_reference(text, "what follows '@' is no digest (sha256: and 64 digits from 0 to f)");
  }
  const auto colon = name.rfind(':');
  if (colon != std::string_view::npos && name.find('/', colon) == std::string_view::npos) {
    reference.tag = name.substr(colon + 1);
    if (!is_tag(reference.tag))
      return no_reference(text, fmt::format("'{}' is no tag (at most 128 of A-Z, a-z, 0-9, '_', '.' and '-', not "
                                            "beginning with '.' or '-')",
                                            reference.tag));
    name = name.substr(0, colon);
  }
  read_name(name, reference);
  if (const auto fault = fault_of(reference)) return no_reference(text, *fault);
  if (reference.tag.empty() && reference.digest.empty()) reference.tag = "latest";
  return reference;
}

std::string repository(const Reference& reference) {
  return reference.domain + "/" + reference.path;
}

std::string full_name(const Reference& reference) {
  return repository(reference) + ending_of(reference);
}

std::string familiar(const Reference& reference) {
  std::string_view path = reference.path;
  if (path.starts_with(official) && path.find('/', official.size()) == std::string_view::npos)
    path.remove_prefix(official.size());
  // "a.b/shop" of the hub would be taken for a registry without the hub's name.
  const auto slash = path.find('/');
  const bool misread = slash != std::string_view::npos && is_registry(path.substr(0, slash));
  if (reference.domain != hub || misread) return full_name(reference);
  return std::string(path) + ending_of(reference);
}

std::string registry_key(const std::string& domain) {
  return domain == hub ? "https://index.docker.io/v1/" : domain;
}

}  // namespace shunt::adapters::docker
