#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "cli/report/text.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"
#include "deploy/load.hpp"

namespace shunt::cli {

namespace {

bool is_app_file(const std::string& file) {
  return std::filesystem::path(file).filename() == "shunt.lua";
}

// As the app file names it: relative to its folder where it lies below, so that messages are short.
std::string seen_from(const std::filesystem::path& folder, const std::string& file) {
  const auto path = std::filesystem::absolute(file).lexically_normal();
  const auto relative = path.lexically_relative(folder);
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.string() : path.string();
}

// Strategies can be checked where there is no app file at all.
Ending check_strategies(Session& session, const std::vector<std::string>& files) {
  const auto here = std::filesystem::current_path();
  Ending ending;
  ending.document = {{"file", nullptr}, {"findings", Value::array()}};
  for (const auto& file : files) {
    const auto name = seen_from(here, file);
    const auto script = session.parts().scripts->load_strategy(name, deploy::files_in(here, name), ScriptLimits());
    const auto remarks = script ? (*script)->remarks() : std::vector<Error>{script.error()};
    for (const auto& remark : remarks) {
      Value finding = to_value(remark);
      finding["severity"] = script ? "finding" : "error";
      ending.document["findings"].push_back(std::move(finding));
      ending.exit = 2;
    }
  }
  return ending;
}

Ending check_all(Session& session, const std::vector<std::string>& files) {
  std::string app_file = session.options().file;
  std::vector<std::string> strategies;
  for (const auto& file : files) (is_app_file(file) ? app_file : strategies.emplace_back()) = file;
  const auto found = deploy::find_app_file(app_file);
  if (!found && app_file.empty() && !strategies.empty()) return check_strategies(session, strategies);
  for (auto& strategy : strategies) strategy = found ? seen_from(found->parent_path(), strategy) : strategy;
  return session.engine().check(app_file, strategies);
}

std::string findings_text(Session& session, const Value& document, const Style& style) {
  std::string text;
  const auto read = [&](const std::string& file) { return session.source(file); };
  for (const auto& finding : member(document, "findings"))
    text += failure_text(error_from(finding), read, style, text_at(finding, "severity"));
  const auto file = text_at(document, "file");
  const auto count = member(document, "findings").size();
  if (count == 0) return fmt::format("{}: nothing to complain about\n", file.empty() ? "strategies" : file);
  return text + fmt::format("\n{} finding{}\n", count, count == 1 ? "" : "s");
}

}  // namespace

Action declare_check(CLI::App& command) {
  auto files = std::make_shared<std::vector<std::string>>();
  command.add_option("FILE", *files, "strategies to check as well; one named shunt.lua is the app file")->type_name("");
  return [files](Session& session) {
    auto ending = check_all(session, *files);
    if (ending.document.is_object()) ending.error.reset();  // it is among the findings
    return session.show(ending, [&session](const Value& document, const Style& style) {
      return findings_text(session, document, style);
    });
  };
}

}  // namespace shunt::cli
