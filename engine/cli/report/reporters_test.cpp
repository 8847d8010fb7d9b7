#include <doctest/doctest.h>

#include "cli/report/github.hpp"
#include "cli/report/json_lines.hpp"
#include "cli/report/terminal.hpp"
#include "cli/report/test_events.hpp"
#include "cli/test_golden.hpp"

using namespace shunt;
using namespace shunt::cli;

namespace {

std::string all_of(const std::function<std::unique_ptr<Reporter>(Write)>& make, const std::vector<Event>& events) {
  std::string text;
  auto reporter = make([&](std::string_view more) { text += more; });
  for (const auto& event : events) reporter->report(event);
  return text;
}

template <typename Kind>
std::string told_by(const std::vector<Event>& events) {
  return all_of([](Write write) { return std::make_unique<Kind>(std::move(write)); }, events);
}

// What is left on a screen: a line that was erased is gone.
std::string screen_of(const std::string& written) {
  static const std::string erase = "\r\x1b[2K";
  std::string screen;
  for (std::size_t at = 0; at < written.size();) {
    if (written.compare(at, erase.size(), erase) == 0) {
      screen.erase(screen.rfind('\n') + 1);
      at += erase.size();
    } else {
      screen += written[at++];
    }
  }
  return screen;
}

struct Watched {
  explicit Watched(Style style, int columns = 100)
      : terminal(Screen{[this](std::string_view text) { written += text; }, [columns] { return columns; },
                        [this] { return now; }},
                 style) {}
  std::string written;
  std::int64_t now = 1'000;
  Terminal terminal;
};

bool has_controls(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return c != '\n' && static_cast<unsigned char>(c) < 0x20; });
}

}  // namespace

TEST_CASE("plain: one line per event, no control characters") {
  const auto good = told_by<Plain>(good_events());
  CHECK(std::count(good.begin(), good.end(), '\n') == static_cast<std::ptrdiff_t>(good_events().size()));
  CHECK_FALSE(has_controls(good));
  check_golden("plain_succeeded", good);
  check_golden("plain_rolled_back", told_by<Plain>(bad_events()));
}

TEST_CASE("quiet: how it ended, nothing else") {
  CHECK(told_by<Quiet>(good_events()) == "succeeded after 12s: v2 (green) serves\n");
  CHECK(told_by<Quiet>({}).empty());
}

TEST_CASE("JSON: one object a line, with time, event and deployment first") {
  const auto text = told_by<JsonLines>(good_events());
  check_golden("json_succeeded", text);
  check_golden("json_rolled_back", told_by<JsonLines>(bad_events()));
  std::istringstream lines(text);
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto object = Value::parse(line);
    CHECK(object.contains("time"));
    CHECK(object.contains("event"));
    CHECK(object["deployment"] == "20261121-043713-k3x9");
  }
  CHECK(count == good_events().size());
}

TEST_CASE("JSON: a field never hides the event's own, and any byte is valid") {
  Event event("log", {{"time", "forged"}, {"event", "ended"}, {"text", "\xFF\n"}, {"number", std::nan("")}});
  CHECK(json_line(event) ==
        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"log\",\"deployment\":\"\",\"number\":null,\"text\":"
        "\"\xEF\xBF\xBD\\n\"}\n");
  CHECK(json_line(Event("phase", Value::object())) ==
        "{\"time\":\"1970-01-01T00:00:00.000Z\",\"event\":\"phase\",\"deployment\":\"\"}\n");
}

TEST_CASE("GitHub: groups open and close, and nothing can forge a command") {
  const auto text = told_by<Github>(bad_events());
  check_golden("github_rolled_back", text);
  Event evil("warning", {{"message", "x\n::set-env name=A::b"}, {"code", "SH1,a:b"}});
  const auto forged = told_by<Github>({evil});
  CHECK(forged.rfind("::warning title=SH1%2Ca%3Ab::x ::set-env", 0) == 0);
  CHECK(std::count(forged.begin(), forged.end(), '\n') == 2);
  CHECK(command_data("100 %\r\n::error::x") == "100 %25%0D%0A::error::x");
  CHECK(error_annotation(Error("SH1320", Kind::script, "no\nway", "do").at({"a,b.lua", 3})) ==
        "::error file=a%2Cb.lua,line=3,title=SH1320::no%0Away%0Awhat to do: do\n");
}

TEST_CASE("terminal: finished lines stay") {
  Watched watched{Style{}};
  for (const auto& event : good_events()) watched.terminal.report(event);
  check_golden("terminal_succeeded", screen_of(watched.written));
  Watched bad{Style{}};
  for (const auto& event : bad_events()) bad.terminal.report(event);
  check_golden("terminal_rolled_back", screen_of(bad.written));
}

TEST_CASE("terminal: the last line lives, in one row") {
  Watched watched{Style{}, 60};
  for (const auto& event : good_events()) {
    watched.terminal.report(event);
    if (event.name == "gate") break;
  }
  watched.now += 61'000;
  watched.terminal.tick();
  const auto screen = screen_of(watched.written);
  const auto live = screen.substr(screen.rfind('\n') + 1);
  CHECK(live.find("soak 5s") != std::string::npos);
  CHECK(live.find("1m 1s") != std::string::npos);
  CHECK(live.find("error rate") != std::string::npos);
  CHECK(live.size() < 60);
  watched.terminal.clear();
  CHECK(screen_of(watched.written).ends_with("\n"));
}

TEST_CASE("terminal: a step beyond its match is ignored, a question is shown") {
  Watched watched{Style{}};
  watched.terminal.report(step_event("launch", "done", Value::object(), 10));
  CHECK(watched.written.empty());
  watched.terminal.report(step_event("confirm", "begin", {{"question", "go?"}}));
  watched.terminal.report(Event("waiting", {{"question", "go?"}, {"until", "2026-11-21T05:00:00.000Z"}}));
  const auto screen = screen_of(watched.written);
  CHECK(screen.find("? go?") != std::string::npos);
  CHECK(screen.find("shunt approve") != std::string::npos);
}

TEST_CASE("terminal: colours and marks only where they are wanted") {
  Watched plain{Style{}};
  Watched colored{Style{true, true}};
  for (const auto& event : bad_events()) {
    plain.terminal.report(event);
    colored.terminal.report(event);
  }
  CHECK(screen_of(plain.written).find('\x1b') == std::string::npos);
  CHECK(screen_of(colored.written).find("\x1b[31m✗\x1b[0m") != std::string::npos);
}
