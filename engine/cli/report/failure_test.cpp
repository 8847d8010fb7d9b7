#include "cli/report/failure.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "cli/report/test_events.hpp"
#include "cli/test_golden.hpp"

using namespace shunt;
using namespace shunt::cli;

namespace {

const ReadSource strategy = [](const std::string& file) -> std::optional<std::string> {
  if (file != "deploy.lua") return std::nullopt;
  return "return {\n  run = function(deploy)\n    deploy:shift(100)\n  end,\n}\n";
};

}  // namespace

TEST_CASE("an error shows the author's own line") {
  auto error =
      Error("SH1320", Kind::script, "green of web has not been seen healthy since its start, so it gets no traffic",
            "wait for it first: local new = deploy:launch(); new:await_healthy()")
          .at({"deploy.lua", 3});
  check_golden("error_at_a_line", failure_text(error, strategy, Style()));
  error.where = {"gone.lua", 3};
  CHECK(failure_text(error, strategy, Style()).find('|') == std::string::npos);
  CHECK(failure_text(error, nullptr, Style()).find('|') == std::string::npos);
}

TEST_CASE("excerpts end where the text ends") {
  CHECK(excerpt("a\nb\n", 1, Style()) == "  >    1 | a\n       2 | b\n");
  CHECK(excerpt("a\nb\n", 2, Style()) == "       1 | a\n  >    2 | b\n");
  CHECK(excerpt("a\n", 2, Style()).empty());
  CHECK(excerpt("a\n", 0, Style()).empty());
  CHECK(excerpt("\x1b[31m\n", 1, Style()).find('\x1b') == std::string::npos);
}

TEST_CASE("a gate's numbers, hooks, holders and other facts are told in brief") {
  check_golden("error_gate", failure_text(gate_failure(), nullptr, Style()));

  Error stuck("SH1916", Kind::adapter, "the rollback could not do everything: retire (failed)",
              "mend what the errors name, then `shunt resume` tries the rest again");
  stuck.evidence = {{"hooks",
                     {{{"tier", "traffic"}, {"verb", "restore"}, {"args", Value::object()}, {"state", "done"}},
                      {{"tier", "clean-up"},
                       {"verb", "retire"},
                       {"args", {{"color", "green"}}},
                       {"state", "failed"},
                       {"error", {{"message", "it does not end"}}}}}}};
  stuck.cause = std::make_shared<const Error>(gate_failure());
  check_golden("error_unfinished_rollback", failure_text(stuck, nullptr, Style()));

  Error held("SH1806", Kind::adapter,
             "the app 'shop' is in use by ann@host (pid 17, `shunt deploy`, since 2026-11-21T04:37:13.250Z, at soak)",
             "wait until it has ended (`shunt status`), or end it with `shunt abort`");
  held.evidence = {{"pid", 17},
                   {"by", "ann@host"},
                   {"verb", "deploy"},
                   {"run", "20261121-043713-k3x9"},
                   {"state", "/var/lib/shunt/shop"},
                   {"since", 1'795'235'833'250},
                   {"step", "soak"}};
  check_golden("error_lock", failure_text(held, nullptr, Style()));

  Error sick(
      "SH1310", Kind::unhealthy, "shop-web-green-0 was not ready within 3s: 503",
      "read its output: `shunt logs`, or the tail in `shunt show`; raise health.timeout if it only needs longer");
  sick.evidence = {{"ok", false}, {"status", 503}, {"state", "running"}, {"error", ""}, {"restarts", 2}};
  check_golden("error_unhealthy", failure_text(sick, nullptr, Style()));
}

TEST_CASE("evidence of a cause is told where the error has none of its own") {
  Error outer("SH1917", Kind::unhealthy, "the old version cannot be proven", "mend it");
  outer.cause = std::make_shared<const Error>(gate_failure());
  CHECK(failure_text(outer, nullptr, Style()).find("measured: error rate 0.2 (max 0.001)") != std::string::npos);
}

TEST_CASE("of the output of a build the last lines are told") {
  Error failed("SH1436", Kind::adapter, "cannot build shop:v2: the command 'make' returned a non-zero code: 2",
               "build it by hand to see all of its output: `docker build` in the same folder");
  std::string output;
  for (int i = 1; i <= 12; ++i) output += fmt::format("line {}\n", i);
  failed.evidence = {{"step", "building shop:v2: step 2/2: RUN make"}, {"output", output}};
  check_golden("error_build", failure_text(failed, nullptr, Style()));
  failed.evidence["output"] = "";
  CHECK(failure_text(failed, nullptr, Style()).find("last output") == std::string::npos);
}

TEST_CASE("text from outside stays text") {
  const Error error("SH1710", Kind::adapter, "it said \x1b[2J\nerror: forged", "do\r\nthis");
  const auto text = failure_text(error, nullptr, Style());
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find("\nerror: forged") == std::string::npos);
  CHECK(evidence_text({{"body", std::string(10'000, 'x')}}, "").size() < 300);
  CHECK(evidence_text("text", "").empty());
}

TEST_CASE("the last lines of an output") {
  const Value output = {{"shop-web-green-0", "one\ntwo\x07\nthree\n"}, {"shop-web-green-1", ""}};
  CHECK(output_text(output, 2, Style()) == "  last output of shop-web-green-0:\n  | two\xEF\xBF\xBD\n  | three\n");
  CHECK(output_text(nullptr, 2, Style()).empty());
}
