#include <CLI/CLI.hpp>
#include <chrono>
#include <map>
#include <thread>

#include "cli/report/text.hpp"
#include "cli/session.hpp"
#include "cli/tail.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

namespace {

constexpr auto pause = std::chrono::milliseconds(500);
constexpr int window = 2'000;  ///< lines looked at each time; more than that between two looks is lost

struct Arguments {
  std::string service;
  std::string only;
  bool follow = false;
  int lines = 100;
};

std::string prefixed(const std::string& instance, const std::vector<std::string>& lines, const Style& style) {
  std::string text;
  for (const auto& line : lines) text += style.dim(printable(instance) + " |") + " " + line + "\n";
  return text;
}

std::string logs_text(const Value& logs, const Style& style) {
  if (logs.empty()) return "no instance runs\n";
  std::string text;
  for (const auto& [instance, output] : logs.items())
    text += prefixed(instance, printable_lines(output.is_string() ? output.get<std::string>() : ""), style);
  return text;
}

// Without an end of its own: until it is interrupted or nobody reads.
int follow(Session& session, const Arguments& arguments) {
  std::map<std::string, Tail> tails;
  for (bool first = true;; first = false) {
    const auto found = session.engine().logs(session.options().file, arguments.service, arguments.only, window);
    if (found.error || !found.document.is_object()) return session.end(found);
    for (const auto& [instance, output] : found.document.items()) {
      auto news = tails[instance].take(printable_lines(output.is_string() ? output.get<std::string>() : ""));
      const auto most = static_cast<std::size_t>(arguments.lines);
      if (first && news.size() > most) news.erase(news.begin(), news.end() - arguments.lines);
      if (session.options().json) {
        for (const auto& line : news) session.print(to_text({{"instance", instance}, {"line", line}}) + "\n");
      } else {
        session.print(prefixed(instance, news, session.style()));
      }
    }
    session.out().flush();
    if (session.out().gone()) return 0;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

Action declare_logs(CLI::App& command) {
  auto arguments = std::make_shared<Arguments>();
  command.add_option("SERVICE", arguments->service, "one service (default: all)")->type_name("");
  command.add_option("--only", arguments->only, "of these only (default: all)")
      ->type_name("COLOR")
      ->check(CLI::IsMember(std::vector<std::string>{"live", "idle", "blue", "green"}));
  command.add_flag("--follow", arguments->follow, "go on with what is written from now on");
  command.add_option("-n", arguments->lines, "how many lines of each instance (100)")
      ->type_name("LINES")
      ->check(CLI::PositiveNumber);
  return [arguments](Session& session) {
    if (arguments->follow) return follow(session, *arguments);
    return session.show(
        session.engine().logs(session.options().file, arguments->service, arguments->only, arguments->lines),
        logs_text);
  };
}

}  // namespace shunt::cli
