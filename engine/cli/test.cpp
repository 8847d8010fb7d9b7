#include <CLI/CLI.hpp>

#include "cli/report/documents.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

Action declare_test(CLI::App& command) {
  struct Arguments {
    std::vector<std::string> paths;
    std::string filter;
    std::string format = "plain";
  };
  auto arguments = std::make_shared<Arguments>();
  command.add_option("PATH", arguments->paths, "files or folders (default: the folder of the app file)")->type_name("");
  command.add_option("--filter", arguments->filter, "only tests whose name contains this")->type_name("TEXT");
  command.add_option("--format", arguments->format, "plain, tap or junit")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"plain", "tap", "junit"}));
  return [arguments](Session& session) {
    TestRequest request;
    request.app_file = session.options().file;
    request.filter = arguments->filter;
    request.paths.assign(arguments->paths.begin(), arguments->paths.end());
    const auto ending = session.engine().test(request);
    if (arguments->format == "tap") return session.show(ending, tests_as_tap);
    if (arguments->format == "junit") return session.show(ending, tests_as_junit);
    const auto read = [&session](const std::string& file) { return session.source(file); };
    return session.show(ending,
                        [&](const Value& document, const Style& style) { return tests_text(document, style, read); });
  };
}

}  // namespace shunt::cli
