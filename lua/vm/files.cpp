#include "vm/files.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "shunt/schema.hpp"
#include "vm/api.hpp"
#include "vm/error_object.hpp"
#include "vm/places.hpp"
#include "vm/state.hpp"
#include "vm/value.hpp"
#include "vm/words.hpp"

namespace shunt::lua {

namespace {

constexpr std::size_t largest_text = 1024 * 1024;
constexpr int deepest_places = 24;

// What the host keeps for a script lies outside the script's own memory.
constexpr std::size_t most_files = 500;
constexpr std::size_t most_text = 16 * largest_text;
constexpr std::size_t most_names = 1000;
constexpr std::size_t longest_variable = 255;
constexpr std::size_t most_places = 10'000;

Error script_error(const char* code, std::string message, std::string remedy) {
  return {code, Kind::script, std::move(message), std::move(remedy)};
}

/// "shop.lua:12: message" of Lua's compiler, taken apart.
Error syntax_error(const std::string& file, std::string_view raw) {
  int line = 0;
  const auto colon = raw.find(": ");
  const auto number = raw.rfind(':', colon == std::string_view::npos ? colon : colon - 1);
  if (colon != std::string_view::npos && number != std::string_view::npos) {
    line = std::atoi(std::string(raw.substr(number + 1, colon - number - 1)).c_str());
    raw.remove_prefix(colon + 2);
  }
  auto plain = plain_syntax(raw);
  return script_error("SH1101", std::move(plain.message), std::move(plain.remedy)).at({file, line});
}

std::string name_of(const GlobalUse& use) {
  return use.member.empty() ? use.name : use.name + "." + use.member;
}

// Our own modules are closed: a member that they do not have is as wrong as a global that does not exist.
bool is_wrong(const GlobalUse& use, Surface surface, const std::vector<std::string>& known) {
  if (!std::binary_search(known.begin(), known.end(), use.name)) return true;
  if (use.assigned) return true;
  const Module* module = surface == Surface::app ? nullptr : find_module(use.name);
  return module != nullptr && !use.member.empty() && find_function(*module, use.member) == nullptr;
}

Error global_error(const GlobalUse& use, Surface surface, const std::vector<std::string>& known) {
  const bool exists = std::binary_search(known.begin(), known.end(), use.name);
  if (exists && use.assigned)
    return script_error("SH1103", fmt::format("the global '{}' cannot be changed", use.name), "use a local variable");
  if (exists) {
    std::vector<std::string> members;
    for (const auto& function : find_module(use.name)->functions) members.push_back(function.name);
    const auto near = nearest(use.member, members);
    return script_error("SH1103", fmt::format("there is no '{}'", name_of(use)),
                        near.empty() ? fmt::format("{} has: {}", use.name, fmt::join(members, ", "))
                                     : fmt::format("did you mean '{}.{}'?", use.name, near));
  }
  if (use.assigned)
    return script_error("SH1103",
                        fmt::format("'{}' is not declared: scripts have no global variables of their own", use.name),
                        fmt::format("write `local` in front of '{}'", use.name));
  return script_error(
      "SH1103", fmt::format("there is no global '{}'", use.name),
      use.like.empty() ? hint_for_global(use.name, surface) : fmt::format("did you mean '{}'?", use.like));
}

// The first undeclared global, with all of them as evidence.
Result<void> check_globals(const Loader::File& file, Surface surface) {
  const auto& known = global_names(surface);
  std::optional<Error> first;
  Value findings = Value::array();
  for (const GlobalUse& use : file.outline->globals) {
    if (!is_wrong(use, surface, known)) continue;
    Error error = global_error(use, surface, known);
    findings.push_back(
        {{"name", name_of(use)}, {"line", use.line}, {"message", error.message}, {"remedy", error.remedy}});
    if (!first) first = std::move(error).at({file.source.name, use.line});
  }
  if (!first) return {};
  first->evidence = {{"findings", findings}};
  return *first;
}

// Where it can be seen in the text: what this version does not have yet had better not begin.
Result<void> check_later(const Loader::File& file) {
  for (const auto* uses : {&file.outline->globals, &file.outline->deploy_calls})
    for (const GlobalUse& use : *uses) {
      const Module* module = find_module(use.name);
      const Function* function = module == nullptr ? nullptr : find_function(*module, use.member);
      if (function == nullptr || function->later.empty()) continue;
      return script_error("SH1004", fmt::format("{} is not available yet: {}", function->full_name, function->later),
                          "remove the call, or use a version of shunt that has it")
          .at({file.source.name, use.line});
    }
  return {};
}

}  // namespace

const Loader::File* Loader::find(std::string_view name) const {
  const auto found =
      std::find_if(opened_.begin(), opened_.end(), [&](const File& file) { return file.source.name == name; });
  return found == opened_.end() ? nullptr : &*found;
}

Loader::File* Loader::add(Source source) {
  return &opened_.emplace_back(std::move(source));
}

Result<Loader::File*> Loader::read(const std::vector<std::string>& names) {
  for (const auto& name : names) {
    if (const File* known = find(name)) return const_cast<File*>(known);
    auto text = files_ ? files_(name) : std::nullopt;
    if (!text) continue;
    if (text->size() > largest_text)
      return script_error("SH1114", fmt::format("{} is larger than 1 MiB", name), "split it, or keep data elsewhere");
    kept_text_ += text->size();
    if (opened_.size() >= most_files || kept_text_ > most_text)
      return script_error("SH1114", fmt::format("with {} there are more than 500 files, or 16 MiB of text", name),
                          "name each file in one way only, and keep data elsewhere");
    return add(Source(name, std::move(*text)));
  }
  return script_error("SH1102", fmt::format("there is no file {}", fmt::join(names, " or ")),
                      "check the name; it is looked for from the app file's folder");
}

std::optional<std::string> Loader::environment(const std::string& name) {
  if (const auto known = asked.find(name); known != asked.end())
    return known->is_null() ? std::nullopt : std::optional(known->get<std::string>());
  auto value = read_environment_ ? read_environment_(name) : std::nullopt;
  asked[name] = value ? Value(*value) : Value(nullptr);
  return value;
}

std::vector<Source> Loader::sources() const {
  std::vector<Source> all;
  for (const File& file : opened_) all.push_back(file.source);
  return all;
}

Result<void> push_chunk(lua_State* lua, Loader::File& file) {
  if (file.source.text.starts_with(LUA_SIGNATURE))
    return script_error("SH1104", "the file holds bytecode", "give the text of the script").at({file.source.name, 0});
  if (State::of(lua).doomed()) return State::of(lua).verdict();
  auto* const compiled = State::of(lua).loader->compiled();
  const auto* known = compiled == nullptr ? nullptr : compiled->find(file.source);
  const std::string_view code = known == nullptr ? file.source.text : known->bytecode;
  const std::string chunk_name = "@" + file.source.name;
  const int status = luaL_loadbufferx(lua, code.data(), code.size(), chunk_name.c_str(), known == nullptr ? "t" : "b");
  if (status == LUA_ERRMEM) {
    State::of(lua).memory().exceed();
    return State::of(lua).verdict();
  }
  if (status != LUA_OK) {
    std::size_t size = 0;
    const char* raw = lua_tolstring(lua, -1, &size);
    return syntax_error(file.source.name, {raw, size});
  }
  if (auto& covered = State::of(lua).covered(); covered.wanted()) covered.begin(lua, file.source.name);
  if (known != nullptr) {
    file.outline = known->outline;
  } else if (file.outline->return_line == 0 && file.outline->globals.empty()) {
    file.outline = std::make_shared<Outline>(outline_of(file.source.text));
    if (compiled != nullptr) compiled->keep(file.source, dumped(lua), file.outline);
  }
  push_environment(lua);
  lua_setupvalue(lua, -2, 1);
  const auto surface = State::of(lua).loader->surface();
  auto checked = check_globals(file, surface);
  return checked && surface == Surface::strategy ? check_later(file) : checked;
}

namespace {

/// Goes through what a file returns, and through what it includes. One table may be reached on many ways, so that their
/// number is bounded, not only their depth.
class Collector {
 public:
  explicit Collector(const Loader& loader) : loader_(loader) {}

  std::map<std::string, Where> run(const Loader::File& file) {
    if (file.outline->return_line > 0) places_[""] = Where{file.source.name, file.outline->return_line};
    collect(&file, file.outline->returned, "", 0);
    return std::move(places_);
  }

 private:
  void collect(const Loader::File* file, const Shape* shape, const std::string& path, int depth) {
    for (int includes = 0; shape != nullptr && !shape->included.empty() && includes < deepest_places; ++includes) {
      file = loader_.find(shape->included);
      shape = file == nullptr ? nullptr : file->outline->returned;
    }
    if (shape == nullptr || depth > deepest_places) return;
    for (const auto& [key, field] : shape->fields) {
      if (places_.size() >= most_places) return;
      const std::string inside = path.empty() || key.front() == '[' ? path + key : path + "." + key;
      places_[inside] = Where{file->source.name, field.line};
      collect(file, field.shape, inside, depth + 1);
    }
  }

  const Loader& loader_;
  std::map<std::string, Where> places_;
};

}  // namespace

std::map<std::string, Where> places_of_keys(const Loader& loader, const Loader::File& file) {
  return Collector(loader).run(file);
}

Where place_of_key(const Loader& loader, const Loader::File& file, const std::string& path) {
  const auto places = places_of_keys(loader, file);
  for (std::string prefix = path; !prefix.empty();
       prefix.resize(std::max<std::size_t>(prefix.find_last_of(".[") + 1, 1) - 1)) {
    if (const auto found = places.find(prefix); found != places.end()) return found->second;
    if (prefix.find_last_of(".[") == std::string::npos) break;
  }
  const auto whole = places.find("");
  return whole == places.end() ? Where{file.source.name, 0} : whole->second;
}

namespace {

Answer too_many_names(const Arguments& in) {
  return in.fail("SH1115", "the file asks for more than 1,000 names of the environment", "look for a loop around it");
}

Answer app_env(Arguments& in) {
  const std::string_view name = in.text(1);
  if (name.size() > longest_variable) in.refuse(1, "the name of a variable, at most 255 bytes");
  if (in.wrong()) return in.complaint();
  if (State::of(in.lua()).loader->asked.size() >= most_names) return too_many_names(in);
  auto value = State::of(in.lua()).loader->environment(std::string(name));
  if (value) return in.text_result(std::move(*value));
  lua_pushnil(in.lua());
  return in.results(1);
}

Answer secret_handle(const Arguments& in, const char* sort, Value where) {
  return in.value({{"$secret", {{sort, std::move(where)}}}});
}

Answer app_secret(Arguments& in) {
  constexpr const char* wanted = "\"env:NAME\", \"file:PATH\" or { command = { ... } }";
  if (lua_istable(in.lua(), 1)) {
    auto given = to_value(in.lua(), 1, "the secret");
    if (!given) return in.fail(std::move(given).error());
    const auto command = given->is_object() ? given->find("command") : given->end();
    const bool good = given->is_object() && given->size() == 1 && command != given->end() && command->is_array() &&
                      !command->empty() &&
                      std::all_of(command->begin(), command->end(), [](const Value& v) { return v.is_string(); });
    if (!good) in.refuse(1, wanted);
    return in.wrong() ? in.complaint() : secret_handle(in, "command", *command);
  }
  const std::string text = lua_type(in.lua(), 1) == LUA_TSTRING ? std::string(in.text(1)) : "";
  if (text.starts_with("file:") && text.size() > 5) return secret_handle(in, "file", text.substr(5));
  if (!text.starts_with("env:") || text.size() == 4 || text.size() > 4 + longest_variable) {
    in.refuse(1, wanted);
    return in.complaint();
  }
  auto& warnings = State::of(in.lua()).loader->warnings;
  if (warnings.size() >= most_names) return too_many_names(in);
  const Where place = author_place(in.lua());
  warnings.push_back(
      fmt::format("{}:{}: the secret {} is read from the environment, which a later `resume` by a timer does not have; "
                  "use \"file:PATH\"",
                  place.file, place.line, text));
  return secret_handle(in, "env", text.substr(4));
}

std::string folder_of(const std::string& file) {
  const auto slash = file.rfind('/');
  return slash == std::string::npos ? "" : file.substr(0, slash + 1);
}

// "other.deep" is other/deep.lua.
std::string file_of_module(std::string name) {
  if (name.ends_with(".lua")) return name;
  std::replace(name.begin(), name.end(), '.', '/');
  return name + ".lua";
}

// Where `require "name"` looks: beside the script, then in the folder of strategies.
std::vector<std::string> candidates(const Loader& loader, const std::string& name) {
  std::vector<std::string> names = {folder_of(loader.files().front().source.name) + name};
  if (names.front() != "strategies/" + name) names.push_back("strategies/" + name);
  return names;
}

bool leaves_folder(std::string_view name) {
  return name.empty() || name.starts_with('/') || name.find("..") != std::string_view::npos ||
         name.find('\0') != std::string_view::npos;
}

// Whether the file's own code is running at this moment.
bool is_running(lua_State* lua, const std::string& file) {
  const std::string source = "@" + file;
  lua_Debug record{};
  for (int level = 0; lua_getstack(lua, level, &record) != 0; ++level) {
    lua_getinfo(lua, "S", &record);
    if (record.what == std::string_view("main") && source == record.source) return true;
  }
  return false;
}

// Reads the file that argument 1 names and pushes its function, or leaves an error in the outbox.
bool push_named_file(lua_State* lua, const char* function, std::string& file_name) {
  State& state = State::of(lua);
  const bool require = function == std::string_view("require");
  std::size_t size = 0;
  const char* bytes = lua_tolstring(lua, 1, &size);
  const std::string given(bytes, size);
  const std::string name = require ? file_of_module(given) : given;
  if (leaves_folder(given) || leaves_folder(name)) {
    state.outbox.error = script_error(
        "SH1102", fmt::format("{} takes names inside the folder only, not {}", function, described(lua, 1)),
        "move the file into the folder");
    return false;
  }
  auto file = [&] {
    const State::Outside outside(state);
    return state.loader->read(require ? candidates(*state.loader, name) : std::vector<std::string>{name});
  }();
  if (!file) {
    state.outbox.error = std::move(file).error();
    return false;
  }
  file_name = (*file)->source.name;
  if (is_running(lua, file_name)) {
    state.outbox.error = script_error("SH1110", fmt::format("{} needs itself, directly or through others", file_name),
                                      "move what both need into a third file");
    return false;
  }
  auto pushed = push_chunk(lua, **file);
  if (pushed) return true;
  state.outbox.error = std::move(pushed).error();
  return false;
}

// Stack: 1 the name, 2 its result. Remembers the result under the name.
int keep_result(lua_State* lua) {
  if (lua_isnil(lua, 2)) {
    const char* message =
        lua_pushfstring(lua, "the file '%s' that is needed here returns nothing", lua_tostring(lua, 1));
    return raise(lua, "SH1105", message, "end it with `return` and a table");
  }
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::results));
  lua_pushvalue(lua, 1);
  lua_pushvalue(lua, 2);
  lua_rawset(lua, -3);
  lua_settop(lua, 2);
  return 1;
}

int after_file(lua_State* lua, int, lua_KContext) {
  return keep_result(lua);
}

int run_file(lua_State* lua, const char* function) {
  if (lua_type(lua, 1) != LUA_TSTRING) return refuse_argument(lua, function, 1, "the name of a file");
  lua_settop(lua, 1);
  lua_rawgetp(lua, LUA_REGISTRYINDEX, key_of(Slot::results));
  lua_pushvalue(lua, 1);
  if (lua_rawget(lua, -2) != LUA_TNIL) return 1;
  lua_settop(lua, 1);
  if (State::of(lua).phase == Phase::run)
    return raise(lua, "SH1113", "files are read while the strategy is loaded, not while it runs",
                 "move this line to the top of the file");
  bool pushed = false;
  {
    std::string file_name;
    pushed = push_named_file(lua, function, file_name);
  }
  if (!pushed) return State::of(lua).doomed() ? stop(lua) : raise(lua);
  lua_callk(lua, 0, 1, 0, &after_file);
  return keep_result(lua);
}

int app_include(lua_State* lua) {
  return run_file(lua, "include");
}
int strategy_require(lua_State* lua) {
  return run_file(lua, "require");
}

}  // namespace

Bindings file_bindings(Surface surface) {
  static constexpr Binding app[] = {{"env", &app_env}, {"secret", &app_secret}, {"include", nullptr, &app_include}};
  static constexpr Binding strategy[] = {{"require", nullptr, &strategy_require}};
  return surface == Surface::app ? Bindings(app) : Bindings(strategy);
}

}  // namespace shunt::lua
