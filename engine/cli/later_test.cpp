// What the contract names and this version does not have: refused with "not available yet", never ignored, never
// unknown.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/parts.hpp"
#include "spec/app.hpp"

using namespace shunt;
using namespace shunt::cli;

namespace {

/// An app file with a line of its own in one place; the rest is good.
struct Lines {
  std::string app;
  std::string service;
  std::string health = "path = \"/\"";
  std::string gate;
  std::string rollback;
  std::string runtime = "type = \"process\", command = { \"serve\" }, ports = { blue = 1, green = 2 }";
  std::string proxy = "type = \"haproxy\", socket = \"s\", backend = \"b\", servers = { blue = \"b\", green = \"g\" }";

  std::string text() const {
    return fmt::format(
        "return {{\n  app = \"shop\",\n  {}\n  metrics = {{ type = \"prometheus\", url = \"http://p\" }},\n"
        "  gates = {{ {{ name = \"g\", query = \"q\", max = 1, {} }} }},\n  rollback = {{ {} }},\n"
        "  services = {{ web = {{\n    runtime = {{ {} }},\n    health = {{ {} }},\n    proxy = {{ {} }},\n    {}\n"
        "  }} }},\n}}\n",
        app, gate, rollback, runtime, health, proxy, service);
  }
};

// What the file is refused with; no code where it is good.
Error refusal_of(const Lines& lines) {
  static const auto parts = make_parts();
  const auto nothing = [](const std::string&) { return std::nullopt; };
  const auto loaded = parts->scripts->load_app(
      "shunt.lua",
      [text = lines.text()](const std::string& name) {
        return name == "shunt.lua" ? std::optional(text) : std::nullopt;
      },
      nothing);
  if (!loaded) return loaded.error();
  const auto app = parse_app(*loaded, "shunt.lua", "/app", parts->registry, nothing);
  return app ? Error("", Kind::config, "") : app.error();
}

void check_later(const Lines& lines, const std::string& what, int line) {
  const auto error = refusal_of(lines);
  CAPTURE(what);
  CAPTURE(error.message);
  CHECK(error.code == "SH1004");
  CHECK(error.message.find(what) != std::string::npos);
  CHECK(error.message.find("not available yet") != std::string::npos);
  CHECK(error.where.file == "shunt.lua");
  CHECK(error.where.line == line);
  CHECK_FALSE(error.remedy.empty());
}

Error strategy_refusal(const std::string& text) {
  static const auto parts = make_parts();
  const auto script = parts->scripts->load_strategy(
      "mine.lua", [&](const std::string& name) { return name == "mine.lua" ? std::optional(text) : std::nullopt; },
      ScriptLimits());
  return script ? Error("", Kind::config, "") : script.error();
}

}  // namespace

TEST_CASE("the app file that the refused keys are put into is good") {
  const auto error = refusal_of(Lines());
  CHECK_MESSAGE(error.code.empty(), error.message);
}

TEST_CASE("keys of the app that come later") {
  for (const std::string key : {"migrations", "flags", "capacity"}) {
    Lines lines;
    lines.app = key + " = { { type = \"slack\" } },";
    check_later(lines, key, 3);
  }
}

TEST_CASE("keys of a gate that come later") {
  for (const std::string key :
       {"bad", "total", "compare", "tolerance", "max_ratio", "alpha", "beta", "min_events", "weight"}) {
    Lines lines;
    lines.gate = key + " = \"old\"";
    check_later(lines, "gates[1]." + key, 5);
  }
}

TEST_CASE("runtimes and proxies that come later") {
  for (const std::string type : {"kubernetes", "ecs"}) {
    Lines lines;
    lines.runtime = "type = \"" + type + "\", service = \"web\"";
    check_later(lines, "the runtime '" + type + "'", 8);
  }
  for (const std::string type : {"kubernetes-service", "kubernetes-ingress", "kubernetes-gateway", "alb"}) {
    Lines lines;
    lines.proxy = "type = \"" + type + "\", upstream = \"web\"";
    check_later(lines, "the proxy '" + type + "'", 10);
  }
}

TEST_CASE("notification channels that come later") {
  for (const std::string type : {"slack", "teams", "pagerduty", "github", "email"}) {
    Lines lines;
    lines.app = "notify = { { type = \"" + type + "\" } },";
    check_later(lines, "the notification channel '" + type + "'", 3);
  }
}

TEST_CASE("what nobody has announced is unknown, not late") {
  Lines runtime;
  runtime.runtime = "type = \"dokcer\"";
  CHECK(refusal_of(runtime).code == "SH1005");
  Lines proxy;
  proxy.proxy = "type = \"kubernetes\"";  // a runtime
  CHECK(refusal_of(proxy).code == "SH1005");
  Lines key;
  key.app = "windwo = {},";
  CHECK(refusal_of(key).code == "SH1001");
}

TEST_CASE("calls of a strategy that come later are refused before anything begins") {
  for (const std::string call : {"deploy:migrate(\"expand\")", "deploy:set_flag(\"dark\", true)"}) {
    CAPTURE(call);
    const auto error = strategy_refusal("return {\n  api = 1,\n  summary = \"x\",\n  run = function(deploy)\n    " +
                                        call + "\n  end,\n}\n");
    CHECK(error.code == "SH1004");
    CHECK(error.message.rfind(call.substr(0, call.find_first_of("( ")) + " is not available yet", 0) == 0);
    CHECK(error.where.file == "mine.lua");
    CHECK(error.where.line == 5);
  }
  CHECK(strategy_refusal("return { api = 1, summary = 'x', run = function(d) d:migrate('x') end }").code == "SH1004");
  CHECK(strategy_refusal("local function tell(deploy) deploy:migrate('x') end\n"
                         "return { api = 1, summary = 'x', run = function(d) tell(d) end }")
            .code == "SH1004");
  CHECK(strategy_refusal("local bus = { migrate = function() end }\n"
                         "return { api = 1, summary = 'x', run = function(deploy) bus:migrate('x') end }")
            .code.empty());
}
