#include "vm/json.hpp"

#include "shunt/json.hpp"
#include "vm/value.hpp"

namespace shunt::lua {

namespace {

Answer json_encode(Arguments& in) {
  in.present(1);
  if (in.wrong()) return in.complaint();
  auto value = to_value(in.lua(), 1, "the value for json.encode");
  if (!value) return in.fail(std::move(value).error());
  if (!in.spend(static_cast<std::int64_t>(largest_value / 256))) return in.stop();
  return in.text_result(to_text(*value));
}

Answer json_decode(Arguments& in) {
  const auto text = in.text(1);
  if (in.wrong()) return in.complaint();
  if (text.size() > largest_value) return in.fail("SH1208", "the JSON text is longer than 1 MiB", "take less of it");
  if (!in.spend(static_cast<std::int64_t>(text.size()))) return in.stop();
  if (depth_of_json(text) > deepest_value) return in.fail("SH1207", "the JSON text is nested more than 64 deep", "");
  auto value = parse_json(text);
  if (!value) return in.fail("SH1207", "the text is not JSON", "look at the text first");
  return in.value(std::move(*value));
}

}  // namespace

Bindings json_bindings() {
  static constexpr Binding bindings[] = {{"json.encode", &json_encode}, {"json.decode", &json_decode}};
  return bindings;
}

void push_json_module(lua_State* lua) {
  push_bindings(lua, json_bindings());
  push_null(lua);
  lua_setfield(lua, -2, "null");
}

}  // namespace shunt::lua
