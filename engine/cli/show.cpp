#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <fstream>

#include "cli/follow.hpp"
#include "cli/report/documents.hpp"
#include "cli/report/pages.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

namespace {

std::string page_for(const std::string& extension, const Value& run) {
  if (extension == ".html") return html_page(run);
  if (extension == ".md") return markdown_page(run);
  return to_text(run) + "\n";
}

Error not_written(const std::string& file) {
  return {"SH1955", Kind::config, fmt::format("the report {} cannot be written", file),
          "name a file in a folder that you may write to"};
}

int write_report(Session& session, const Ending& found, const std::string& file) {
  if (found.error || !found.document.is_object()) return session.end(found);
  std::ofstream page(file, std::ios::binary | std::ios::trunc);
  page << page_for(std::filesystem::path(file).extension().string(), found.document);
  page.close();
  if (!page) return session.fail(not_written(file));
  return session.end(Ending(0, "wrote " + file));
}

std::string extension_fault(const std::string& file) {
  const auto extension = std::filesystem::path(file).extension().string();
  if (extension == ".html" || extension == ".md" || extension == ".json") return "";
  return "the name must end in .md, .html or .json";
}

}  // namespace

Action declare_show(CLI::App& command) {
  struct Arguments {
    std::string run;
    std::string report;
    bool follow = false;
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("ID", arguments->run, "the deployment (default: the newest)")->type_name("");
  auto* report = command.add_option("--report", arguments->report, "write it to a file of its own")
                     ->type_name("FILE.md|.html|.json");
  report->check(extension_fault);
  command.add_flag("--follow", arguments->follow, "attach to a running one; ends with its code")->excludes(report);
  return [arguments](Session& session) {
    if (arguments->follow) return follow_run(session, arguments->run);
    const auto found = session.engine().show(session.options().file, arguments->run);
    if (!arguments->report.empty()) return write_report(session, found, arguments->report);
    return session.show(found, show_text);
  };
}

}  // namespace shunt::cli
