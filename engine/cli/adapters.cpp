#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/keys.hpp"
#include "cli/report/table.hpp"
#include "cli/report/text.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

namespace {

Value keys_of(const Schema& schema) {
  Value keys = Value::array();
  for (const auto& key : schema.keys) {
    Value entry = {{"name", key.name}, {"type", type_text(key)}, {"required", key.required}, {"doc", key.doc}};
    if (!key.fallback.is_null()) entry["default"] = default_text(key);
    keys.push_back(std::move(entry));
  }
  return keys;
}

Value entry_of(const AdapterInfo& info, bool in_full) {
  Value entry = {{"kind", info.kind}, {"name", info.name}, {"status", info.status}, {"summary", info.summary}};
  if (!in_full) return entry;
  entry["keys"] = keys_of(info.schema);
  entry["operations"] = Value::object();
  for (const auto& [operation, effect] : info.operations) entry["operations"][operation] = name_of(effect);
  entry["example"] = fmt::format("{} = {}", info.kind, example_table(info.name, info.schema));
  if (!info.paste.empty()) entry["paste"] = info.paste;
  return entry;
}

Ending not_yet(const std::string& kind, const std::string& name) {
  return Ending(2, Error("SH1004", Kind::config, fmt::format("the {} adapter '{}' is not available yet", kind, name),
                         "`shunt adapters` lists what there is"));
}

Ending look_up(const Registry& registry, const std::string& name) {
  Ending ending;
  ending.document = Value::array();
  std::vector<std::string> names;
  for (const auto& info : registry.all()) {
    names.push_back(info.name);
    if (name.empty() || info.name == name) ending.document.push_back(entry_of(info, !name.empty()));
  }
  for (const auto& [kind, announced] : registry.announced()) {
    if (ending.document.empty() && announced.count(name) != 0) return not_yet(kind, name);
    if (!name.empty()) continue;
    for (const auto& one : announced)
      ending.document.push_back({{"kind", kind}, {"name", one}, {"status", "later"}, {"summary", "not available yet"}});
  }
  if (!ending.document.empty()) return ending;
  const auto near = nearest(name, names);
  return Ending(2, Error("SH1005", Kind::config, fmt::format("there is no adapter '{}'", name),
                         near.empty() ? "`shunt adapters` lists what there is"
                                      : fmt::format("did you mean `shunt adapters {}`?", near)));
}

std::string list_text(const Value& adapters, const Style& style) {
  Table table({"KIND", "NAME", "STATUS", "SUMMARY"});
  for (const auto& adapter : adapters)
    table.add(
        {text_at(adapter, "kind"), text_at(adapter, "name"), text_at(adapter, "status"), text_at(adapter, "summary")});
  return table.text(style);
}

std::string detail_text(const Value& adapters, const Style& style) {
  std::string text;
  for (const auto& adapter : adapters) {
    text += fmt::format("{}{} {} ({}): {}\n\n", text.empty() ? "" : "\n", text_at(adapter, "kind"),
                        style.bold(text_at(adapter, "name")), text_at(adapter, "status"), text_at(adapter, "summary"));
    Table table({"KEY", "TYPE", "DEFAULT", "DOES"});
    for (const auto& key : member(adapter, "keys"))
      table.add({text_at(key, "name"), text_at(key, "type"),
                 key.value("required", false) ? "required" : text_at(key, "default"), text_at(key, "doc")});
    text += table.text(style) + "\n";
    for (const auto& [operation, effect] : member(adapter, "operations").items())
      text += fmt::format("{} is of class {}\n", printable(operation), measured(effect));
    text += "\nExample:\n  " + text_at(adapter, "example") + "\n";
    if (!adapter.contains("paste")) continue;
    text +=
        fmt::format("\nFor the configuration of {} itself, with the values of these keys:\n", text_at(adapter, "name"));
    for (const auto& line : printable_lines(adapter.value("paste", "")))
      text += line.empty() ? "\n" : "  " + line + "\n";
  }
  return text;
}

}  // namespace

Action declare_adapters(CLI::App& command) {
  auto name = std::make_shared<std::string>();
  command.add_option("NAME", *name, "the keys of this one")->type_name("");
  return [name](Session& session) {
    return session.show(look_up(session.parts().registry, *name), name->empty() ? list_text : detail_text);
  };
}

}  // namespace shunt::cli
