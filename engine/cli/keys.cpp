#include "cli/keys.hpp"

#include <fmt/format.h>

#include "cli/report/text.hpp"
#include "shunt/duration.hpp"

namespace shunt::cli {

namespace {

std::string name_of(Type type) {
  switch (type) {
    case Type::string:
      return "string";
    case Type::integer:
      return "integer";
    case Type::number:
      return "number";
    case Type::boolean:
      return "boolean";
    case Type::duration:
      return "duration";
    case Type::strings:
      return "list of strings";
    case Type::map:
      return "table of strings";
    case Type::table:
      return "table";
    case Type::tables:
      return "list of tables";
    case Type::per_color:
      return "per color";
    case Type::any:
      return "any";
  }
  return "any";
}

std::string sample_of(Type type) {
  switch (type) {
    case Type::integer:
    case Type::number:
      return "1";
    case Type::boolean:
      return "true";
    case Type::duration:
      return "\"3s\"";
    case Type::strings:
      return "{ \"...\" }";
    case Type::map:
    case Type::table:
    case Type::tables:
      return "{ ... }";
    default:
      return "\"...\"";
  }
}

}  // namespace

std::string type_text(const Key& key) {
  auto text = key.type == Type::per_color ? "{ blue =, green = } of " + name_of(key.item) : name_of(key.type);
  if (key.secret) text += " or secret";
  for (std::size_t i = 0; i < key.one_of.size(); ++i) text += (i == 0 ? ": " : ", ") + key.one_of[i];
  return text;
}

std::string default_text(const Key& key) {
  if (key.fallback.is_null()) return "";
  if (key.type == Type::duration && key.fallback.is_number())
    return "\"" + to_text(Milliseconds(key.fallback.get<std::int64_t>())) + "\"";
  return to_text(key.fallback);
}

std::string example_table(const std::string& name, const Schema& schema) {
  std::string text = fmt::format("{{ type = \"{}\"", name);
  for (const auto& key : schema.keys) {
    if (!key.required) continue;
    const auto sample = sample_of(key.type == Type::per_color ? key.item : key.type);
    text += key.type == Type::per_color ? fmt::format(", {0} = {{ blue = {1}, green = {1} }}", key.name, sample)
                                        : fmt::format(", {} = {}", key.name, sample);
  }
  return text + " }";
}

}  // namespace shunt::cli
