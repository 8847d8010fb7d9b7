// The texts that a load reads: the file itself, what it includes or requires, and the names it asks of the environment.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/script.hpp"
#include "vm/binding.hpp"
#include "vm/compiled.hpp"
#include "vm/sandbox.hpp"

namespace shunt::lua {

/// What one load has read so far. Lives as long as the state that refers to it.
class Loader {
 public:
  /// `compiled` outlives it, or is nothing.
  Loader(Surface surface, ReadFile files, ReadEnvironment environment, Compiled* compiled = nullptr)
      : surface_(surface), files_(std::move(files)), read_environment_(std::move(environment)), compiled_(compiled) {}

  struct File {
    Source source;
    std::shared_ptr<const Outline> outline = std::make_shared<Outline>();

    explicit File(Source source) : source(std::move(source)) {}
  };

  Surface surface() const { return surface_; }

  /// The file of the first of these names that exists, read once. SH1102 when there is none, SH1114 when it is too
  /// large, or there are too many.
  Result<File*> read(const std::vector<std::string>& names);

  /// Takes a text that needs no reading.
  File* add(Source source);

  /// What `env "NAME"` gives; every name that was asked is remembered.
  std::optional<std::string> environment(const std::string& name);

  const std::deque<File>& files() const { return opened_; }
  const File* find(std::string_view name) const;
  std::vector<Source> sources() const;
  Compiled* compiled() const { return compiled_; }

  Value asked = Value::object();  ///< name → string or null
  std::vector<std::string> warnings;

 private:
  Surface surface_;
  ReadFile files_;
  ReadEnvironment read_environment_;
  Compiled* compiled_;
  std::deque<File> opened_;
  std::size_t kept_text_ = 0;  ///< bytes
};

/// Compiles the file's text and pushes its function. SH1004 a call that is not available yet, SH1101 syntax, SH1103
/// undeclared globals, SH1104 bytecode. Never raises.
Result<void> push_chunk(lua_State* lua, Loader::File& file);

/// App files: env, secret, include. Strategies: require.
Bindings file_bindings(Surface surface);

/// Where the key `path` ("services.web.health", "checks[1].name") stands in what `file` returns: as much of it as the
/// texts tell.
Where place_of_key(const Loader& loader, const Loader::File& file, const std::string& path);

/// The keys whose place can be told, 10,000 at most.
std::map<std::string, Where> places_of_keys(const Loader& loader, const Loader::File& file);

}  // namespace shunt::lua
