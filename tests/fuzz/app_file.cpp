// An app file, with what it includes, up to the description of one version in each colour. Names that the input gives
// no file to are asked of the environment in vain.
#include <fmt/format.h>

#include "adapters/registered.hpp"
#include "fuzz/target.hpp"
#include "runtime.hpp"
#include "spec/app.hpp"

namespace shunt::fuzz {

namespace {

constexpr const char* name = "shunt.lua";

ScriptRuntime& runtime() {
  static const auto scripts = lua::make_runtime({});
  return *scripts;
}

const Registry& registry() {
  static const Registry known = [] {
    Registry all;
    register_adapters(all);
    return all;
  }();
  return known;
}

void check_error(const Error& error) {
  expect(!error.message.empty(), "an error says what happened");
  expect(error.where.line >= 0, "a line is counted from 1");
  expect(encode(to_value(error_from(to_value(error)))) == encode(to_value(error)), "an error is kept as it is");
  expect(!to_paragraph(error).empty() && !to_text(to_value(error)).empty(), "an error can be printed");
}

void check_side(const App& app, Colour colour) {
  const auto services = resolve(app, "v1", colour);
  expect(services.size() == app.services.size(), "every service is resolved");
  const Value stored = decode(encode(Value(services)));
  expect(encode(Value(stored.get<Services>())) == encode(stored), "services come back from the journal as they were");
  for (const auto& gate : resolve_gates(app, "v1", colour)) expect(gate.failures >= 1, "a gate can fail");
}

}  // namespace

void take(std::string_view input) {
  const auto files = files_in(input, name);
  const auto find = [&](const std::string& file) {
    const auto found = files.find(file);
    return found == files.end() ? std::nullopt : std::optional(found->second);
  };
  const auto loaded = runtime().load_app(name, find, find);
  if (!loaded) return check_error(loaded.error());
  expect(encode(decode(encode(loaded->table))) == encode(loaded->table), "the table is kept as it is");
  const auto app = parse_app(*loaded, name, "/srv/shop", registry(), find);
  if (!app) return check_error(app.error());
  for (const Colour colour : both_colours) check_side(*app, colour);
  const auto open = check_window(app->window, 1'795'000'000'000);
  if (!open) check_error(open.error());
}

}  // namespace shunt::fuzz
