// What a configuration table may hold: from one declaration come validation, `check`, `init`, and the README tables.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt {

enum class Type {
  string,
  integer,
  number,
  boolean,
  duration,   ///< becomes milliseconds (integer)
  strings,    ///< a list of strings; secrets are allowed where `secret` is set
  map,        ///< string keys to string values
  table,      ///< validated against `nested`
  tables,     ///< a list of tables, each validated against `nested`
  per_color,  ///< { blue = X, green = X }, X of type `item` or a list of it: always becomes two lists
  any,
};

struct Schema;

struct Key {
  std::string name;
  Type type = Type::string;
  std::string doc;  ///< one line: what it does, unit, default in words
  bool required = false;
  Value fallback;                   ///< used when absent; null: stays absent
  std::vector<std::string> one_of;  ///< for strings: the allowed values
  std::vector<Key> nested;          ///< for table and tables
  Type item = Type::string;         ///< for per_color
  bool path = false;                ///< strings in it are files, from the app file's folder on; "host:port" is none
  bool secret = false;              ///< a secret handle is allowed in place of a string
  std::string versioned;            ///< not empty: `check` warns with it when no such key depends on the version
  std::string in_files;             ///< of a versioned key that names files: what stands in them for the version
  std::string later;                ///< not empty: known, but refused with "not available yet" and this reason (SH1004)
};

struct Schema {
  std::vector<Key> keys;
};

/// `config` with defaults filled in and durations in milliseconds. Errors: SH1001 unknown key (with the nearest known
/// one), SH1002 wrong type or value, SH1003 missing key, SH1004 not available yet; the message names the key as
/// `path.key`, and `evidence.path` is that path as a list, for whoever knows the file.
Result<Value> validate(const Schema& schema, const Value& config, const std::string& path);

/// The candidate nearest to `word` (edit distance at most a third of its length, at least 1), or "".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace shunt
