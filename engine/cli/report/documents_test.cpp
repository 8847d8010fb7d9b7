#include "cli/report/documents.hpp"

#include <doctest/doctest.h>

#include "cli/report/label.hpp"
#include "cli/report/test_run.hpp"
#include "cli/report/timeline.hpp"
#include "cli/test_golden.hpp"

using namespace shunt;
using namespace shunt::cli;

namespace {

Value status() {
  return {{"app", "shop"},
          {"state_dir", "/var/lib/shunt/shop"},
          {"live", {{"color", "blue"}, {"version", "v1"}}},
          {"idle", {{"color", "green"}, {"version", nullptr}}},
          {"services",
           {{{"name", "web"},
             {"traffic", {{"blue", 100}, {"green", 0}}},
             {"instances",
              {{{"id", "shop-web-blue-0"},
                {"color", "blue"},
                {"version", "v1"},
                {"state", "running"},
                {"healthy", true},
                {"address", "127.0.0.1:3000"}}}}}}},
          {"deployment",
           {{"id", "20261121-043713-k3x9"},
            {"state", "succeeded"},
            {"verb", "deploy"},
            {"version", "v1"},
            {"started", "2026-11-21T04:37:13.250Z"},
            {"ended", "2026-11-21T04:38:00.000Z"}}},
          {"drift", Value::array()},
          {"lock", nullptr}};
}

}  // namespace

TEST_CASE("status as people read it") {
  check_golden("status", status_text(status(), Style()));
  auto worse = status();
  worse["services"][0]["traffic"] = nullptr;
  worse["services"][0]["instances"][0]["healthy"] = false;
  worse["drift"] = {{{"service", "web"}, {"what", "proxy"}, {"message", "the socket does not answer"}}};
  worse["lock"] = {{"pid", 17},
                   {"by", "ann@host"},
                   {"verb", "deploy"},
                   {"run", "20261121-043713-k3x9"},
                   {"since", 1'795'235'833'250},
                   {"step", "soak"}};
  worse["deployment"]["ended"] = nullptr;
  worse["deployment"]["state"] = "running";
  check_golden("status_drift", status_text(worse, Style()));
  const Value nothing = {{"app", "shop"},
                         {"state_dir", "/x"},
                         {"live", {{"color", nullptr}, {"version", nullptr}}},
                         {"idle", {{"color", nullptr}, {"version", nullptr}}},
                         {"services", Value::array()},
                         {"deployment", nullptr},
                         {"drift", Value::array()},
                         {"lock", nullptr}};
  CHECK(status_text(nothing, Style()) == "shop: nothing was deployed yet\nstate in /x\n");
}

TEST_CASE("what serves, per service") {
  CHECK(serving_lines(status()) == std::vector<std::string>{"web: blue 100 % (v1), green 0 % (nothing runs)"});
  auto unknown = status();
  unknown["services"][0]["traffic"] = nullptr;
  CHECK(serving_lines(unknown) == std::vector<std::string>{"web: blue unknown (v1), green unknown (nothing runs)"});
  unknown["services"][0]["instances"] = nullptr;
  CHECK(serving_lines(unknown) == std::vector<std::string>{"web: blue unknown (unknown), green unknown (unknown)"});
  CHECK(serving_lines(nullptr).empty());
}

TEST_CASE("a plan is a numbered list with classes") {
  const Value plan = {{"version", "v2"},
                      {"to", "green"},
                      {"from", "v1"},
                      {"strategy", "gradual"},
                      {"first", false},
                      {"steps",
                       {{{"step", "launch"}, {"args", Value::object()}, {"nested", 0}, {"class", "ensure"}},
                        {{"step", "instances.start"},
                         {"args", {{"service", "web"}, {"color", "green"}, {"index", 0}}},
                         {"nested", 1},
                         {"class", "ensure"}},
                        {{"phase", "10 %"}, {"nested", 0}},
                        {{"step", "shift"}, {"args", {{"percent", 10}}}, {"nested", 0}, {"class", "compare-and-set"}}}},
                      {"notes", {"what still ran as green of web is stopped first"}}};
  check_golden("plan", plan_text(plan, Style()));
}

TEST_CASE("history is a table, newest first") {
  const Value runs = {{{"id", "20261121-043713-k3x9"},
                       {"verb", "deploy"},
                       {"version", "v2"},
                       {"strategy", "gradual"},
                       {"state", "needs_operator"},
                       {"by", "ann@host"},
                       {"started", "2026-11-21T04:37:13.250Z"},
                       {"exit", 3},
                       {"reason", "the sale begins"}},
                      {{"id", "20261121-033713-a1b2"},
                       {"verb", "deploy"},
                       {"version", "v1"},
                       {"strategy", "blue_green"},
                       {"state", "running"},
                       {"by", "ann@host"},
                       {"started", "2026-11-21T03:37:13.250Z"},
                       {"exit", nullptr}}};
  check_golden("history", history_text(runs, Style()));
  CHECK(history_text(Value::array(), Style()) == "nothing was deployed yet\n");
}

TEST_CASE("show: intents and results become steps, with decisions, operators and hooks between them") {
  check_golden("show", show_text(shown_run(), Style()));
  const auto moments = moments_of(shown_run()["timeline"]);
  REQUIRE(moments.size() == 9);
  CHECK(moments[0].took_ms == 500);
  CHECK(moments[1].sort == Moment::Sort::hook);
  CHECK(moments[2].depth == 1);
  CHECK(moments.back().took_ms == -1);
  const auto shares = shares_of(shown_run()["timeline"]);
  REQUIRE(shares.size() == 1);
  CHECK(shares[0].green == 10);
}

TEST_CASE("steps have names that people know") {
  CHECK(label_of("shift", {{"percent", 10}}) == "shift to 10 %");
  CHECK(label_of("shift", {{"blue", 30}, {"green", 70}, {"service", "web"}}) == "shift to blue 30, green 70 web");
  CHECK(label_of("soak", {{"duration_ms", 300'000}}) == "soak 5m");
  CHECK(label_of("retire", {{"color", "green"}}) == "retire green");
  CHECK(label_of("drain", {{"service", "web"}, {"color", "green"}}) == "drain web green");
  CHECK(label_of("image.build", {{"image", "shop:v2"}, {"context", "."}}) == "build shop:v2");
  CHECK(label_of("image.tag", {{"image", "shop:v2"}, {"as", "shop:latest"}}) == "name shop:v2 shop:latest");
  CHECK(label_of("image.push", {{"image", "shop:v2"}, {"service", "web"}}) == "push shop:v2");
  CHECK(label_of("retire_old", {{"hold_ms", 3'600'000}}) == "hold the old colour for 1h");
  CHECK(label_of("exec.run", {{"argv", {"npm", "test"}}}) == "run npm test");
  CHECK(label_of("look_again", {{"rebooted", false}}) == "look whether the world is as it was");
  CHECK(label_of("new.verb", {{"a", 1}}) == "new.verb {\"a\":1}");
  CHECK(label_of("new.verb", nullptr) == "new.verb");
  CHECK(label_of("confirm", {{"question", "go\x1b[2J?"}}).find('\x1b') == std::string::npos);
  CHECK(limit_text({{"min", 1}, {"max", 2.5}}) == "min 1, max 2.5");
}
