#include "shunt/schema.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "shunt/duration.hpp"
#include "shunt/secrets.hpp"

namespace shunt {

namespace {

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

bool is_empty_table(const Value& value) {
  return value.is_array() && value.empty();
}

Error wrong(const std::string& path, std::string_view wanted, const Value& got) {
  const std::string found = got.is_structured() ? "a table" : to_text(got);
  return Error("SH1002", Kind::config, fmt::format("{} must be {}, not {}", path, wanted, found),
               fmt::format("give {} {}", path, wanted))
      .with({{"path", path}});
}

Result<Value> validate_item(const Key& key, Type type, const Value& value, const std::string& path);

Result<Value> validate_strings(const Key& key, const Value& value, const std::string& path) {
  if (!value.is_array()) return wrong(path, "a list of strings", value);
  for (const auto& item : value)
    if (!item.is_string() && !(key.secret && is_secret(item))) return wrong(path, "a list of strings", item);
  return value;
}

Result<Value> validate_map(const Key& key, const Value& value, const std::string& path) {
  if (is_empty_table(value)) return Value::object();
  if (!value.is_object()) return wrong(path, "a table of strings", value);
  Value result = Value::object();
  for (const auto& [name, item] : value.items()) {
    if (item.is_string() || (key.secret && is_secret(item))) {
      result[name] = item;
    } else if (item.is_number() || item.is_boolean()) {
      result[name] = to_text(item);
    } else {
      return wrong(joined(path, name), "a string", item);
    }
  }
  return result;
}

Result<Value> validate_tables(const Key& key, const Value& value, const std::string& path) {
  if (!value.is_array()) return wrong(path, "a list of tables", value);
  Value result = Value::array();
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto item = validate(Schema{key.nested}, value[i], fmt::format("{}[{}]", path, i + 1));
    if (!item) return item;
    result.push_back(std::move(*item));
  }
  return result;
}

Result<Value> validate_per_color(const Key& key, const Value& value, const std::string& path) {
  if (!value.is_object()) return wrong(path, "a table { blue = ..., green = ... }", value);
  Value result = Value::object();
  for (const auto& [color, given] : value.items()) {
    if (color != "blue" && color != "green")
      return Error("SH1001", Kind::config, fmt::format("{} has the unknown key '{}'", path, color),
                   "only blue and green may stand there")
          .with({{"path", joined(path, color)}});
    const Value list = given.is_array() ? given : Value::array({given});
    Value items = Value::array();
    for (const auto& one : list) {
      auto item = validate_item(key, key.item, one, joined(path, color));
      if (!item) return item;
      items.push_back(std::move(*item));
    }
    result[color] = std::move(items);
  }
  for (const char* color : {"blue", "green"})
    if (!result.contains(color) || result[color].empty())
      return Error("SH1003", Kind::config, fmt::format("{} lacks {}", path, color),
                   fmt::format("add {}", joined(path, color)))
          .with({{"path", path}});
  return result;
}

// No key counts further than an int.
Result<Value> validate_integer(const Value& value, const std::string& path) {
  if (!value.is_number()) return wrong(path, "a whole number", value);
  const double number = value.get<double>();
  if (!(std::abs(number) <= std::numeric_limits<int>::max()) || number != std::trunc(number))
    return wrong(path, fmt::format("a whole number of at most {}", std::numeric_limits<int>::max()), value);
  return Value(static_cast<std::int64_t>(number));
}

Result<Value> validate_string(const Key& key, const Value& value, const std::string& path) {
  if (key.secret && is_secret(value)) return value;
  if (!value.is_string()) return wrong(path, "a string", value);
  const auto& text = value.get_ref<const std::string&>();
  if (key.one_of.empty() || std::find(key.one_of.begin(), key.one_of.end(), text) != key.one_of.end()) return value;
  return wrong(path, fmt::format("one of {}", fmt::join(key.one_of, ", ")), value);
}

Result<Value> validate_item(const Key& key, Type type, const Value& value, const std::string& path) {
  switch (type) {
    case Type::string:
      return validate_string(key, value, path);
    case Type::integer:
      return validate_integer(value, path);
    case Type::number:
      if (!value.is_number()) return wrong(path, "a number", value);
      return value;
    case Type::boolean:
      if (!value.is_boolean()) return wrong(path, "true or false", value);
      return value;
    case Type::duration: {
      const auto duration = duration_from(value);
      if (!duration) return wrong(path, "a duration (250ms, 3s, 10m, 1h, or seconds)", value);
      return Value(duration->count());
    }
    case Type::strings:
      return validate_strings(key, value, path);
    case Type::map:
      return validate_map(key, value, path);
    case Type::table:
      return validate(Schema{key.nested}, value, path);
    case Type::tables:
      return validate_tables(key, value, path);
    case Type::per_color:
      return validate_per_color(key, value, path);
    case Type::any:
      return value;
  }
  return value;
}

Error unknown_key(const Schema& schema, const std::string& path, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& key : schema.keys) known.push_back(key.name);
  const auto near = nearest(name, known);
  const auto remedy = near.empty() ? fmt::format("the known keys are {}", fmt::join(known, ", "))
                                   : fmt::format("did you mean '{}'?", near);
  const auto place = path.empty() ? "the table" : path;
  return Error("SH1001", Kind::config, fmt::format("{} has the unknown key '{}'", place, name), remedy)
      .with({{"path", joined(path, name)}});
}

}  // namespace

Result<Value> validate(const Schema& schema, const Value& config, const std::string& path) {
  const Value table = is_empty_table(config) ? Value::object() : config;
  if (!table.is_object() || is_secret(table)) return wrong(path.empty() ? "it" : path, "a table", config);
  Value result = Value::object();
  for (const auto& [name, value] : table.items()) {
    const auto key =
        std::find_if(schema.keys.begin(), schema.keys.end(), [&n = name](const Key& k) { return k.name == n; });
    if (key == schema.keys.end()) return unknown_key(schema, path, name);
    const auto place = joined(path, name);
    if (!key->later.empty())
      return Error("SH1004", Kind::config, fmt::format("{} is not available yet: {}", place, key->later),
                   "remove the key, or use a version of shunt that has it")
          .with({{"path", place}});
    auto item = validate_item(*key, key->type, value, place);
    if (!item) return item;
    result[name] = std::move(*item);
  }
  for (const auto& key : schema.keys) {
    if (result.contains(key.name)) continue;
    if (key.required)
      return Error("SH1003", Kind::config, fmt::format("{} is missing", joined(path, key.name)),
                   key.doc.empty() ? "add it" : fmt::format("add it: {}", key.doc))
          .with({{"path", path}});
    if (!key.fallback.is_null()) result[key.name] = key.fallback;
  }
  return result;
}

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    std::vector<std::size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t j = 1; j <= candidate.size(); ++j) {
        const std::size_t replaced = diagonal + (word[i - 1] == candidate[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    if (row.back() < best_distance) {
      best_distance = row.back();
      best = candidate;
    }
  }
  return best;
}

}  // namespace shunt
