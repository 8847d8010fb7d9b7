#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>

#include "cli/report/text.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"
#include "config/catalogue.hpp"
#include "shunt/schema.hpp"

namespace shunt::cli {

namespace {

Value entry_of(const CodeInfo& info) {
  return {{"code", info.code}, {"title", info.title}, {"meaning", info.meaning}, {"remedy", info.remedy}};
}

Ending look_up(std::string code) {
  std::transform(code.begin(), code.end(), code.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  Ending ending;
  if (const auto* info = find_code(code)) {
    ending.document = entry_of(*info);
    return ending;
  }
  std::vector<std::string> codes;
  for (const auto& info : catalogue()) codes.emplace_back(info.code);
  const auto near = nearest(code, codes);
  return Ending(2, Error("SH1956", Kind::config, fmt::format("there is no error code '{}'", code),
                         near.empty() ? "`shunt explain` lists all of them"
                                      : fmt::format("did you mean {}? `shunt explain` lists all of them", near)));
}

Ending all_codes() {
  Ending ending;
  ending.document = Value::array();
  for (const auto& info : catalogue()) ending.document.push_back(entry_of(info));
  return ending;
}

std::string explain_text(const Value& found, const Style& style) {
  if (found.is_object())
    return fmt::format("{}: {}\n\n{}\n\nWhat to do: {}\n", style.bold(text_at(found, "code")), text_at(found, "title"),
                       text_at(found, "meaning"), text_at(found, "remedy"));
  std::string text;
  for (const auto& info : found)
    text += fmt::format("{}  {}\n", style.bold(text_at(info, "code")), text_at(info, "title"));
  return text;
}

}  // namespace

Action declare_explain(CLI::App& command) {
  auto code = std::make_shared<std::string>();
  command.add_option("CODE", *code, "such as SH1001 (default: a list of all)")->type_name("");
  return [code](Session& session) { return session.show(code->empty() ? all_codes() : look_up(*code), explain_text); };
}

}  // namespace shunt::cli
