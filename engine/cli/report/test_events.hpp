// Two deployments as the engine tells them: one that succeeds, one that a gate turns back.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/events.hpp"

namespace shunt::cli {

inline Event step_event(const std::string& step, const std::string& state, Value args, std::int64_t elapsed_ms = 0) {
  Value fields = {{"step", step}, {"state", state}, {"args", std::move(args)}};
  if (state != "begin") fields["elapsed_ms"] = elapsed_ms;
  return Event("step", std::move(fields));
}

inline Error gate_failure() {
  Error error("SH1611", Kind::gate, "the gate 'error rate' failed: 0.2 is above 0.001",
              "see the samples in `shunt show`; the version needs mending, or the limit correcting");
  error.where = {"strategies/gradual.lua", 18};
  error.evidence = {{"name", "error rate"},
                    {"verdict", "fail"},
                    {"value", 0.2},
                    {"limit", {{"max", 0.001}}},
                    {"state", "ok"},
                    {"query", "sum(rate(errors[1m]))"},
                    {"samples",
                     {{{"time", 1}, {"state", "ok"}, {"value", 0.0003}},
                      {{"time", 2}, {"state", "empty"}},
                      {{"time", 3}, {"state", "ok"}, {"value", 0.2}}}}};
  return error;
}

inline std::vector<Event> at_times(std::vector<Event> events) {
  std::int64_t time = 1'795'235'833'250;  // 2026-11-21T04:37:13.250Z
  for (auto& event : events) {
    event.time = time += 1'000;
    event.deployment = "20261121-043713-k3x9";
  }
  return events;
}

inline Event started_event() {
  return Event("started", {{"verb", "deploy"},
                           {"app", "shop"},
                           {"strategy", "gradual"},
                           {"version", "v2"},
                           {"color", "green"},
                           {"previous_version", "v1"},
                           {"first", false}});
}

inline Event gate_event(const std::string& verdict, double value) {
  return Event(
      "gate",
      {{"name", "error rate"}, {"verdict", verdict}, {"value", value}, {"limit", {{"max", 0.001}}}, {"state", "ok"}});
}

inline std::vector<Event> good_events() {
  return at_times({
      started_event(),
      step_event("launch", "begin", Value::object()),
      step_event("launch", "done", Value::object(), 420),
      step_event("await_healthy", "begin", Value::object()),
      step_event("await_healthy", "done", Value::object(), 1'200),
      Event("phase", {{"name", "50 %"}, {"state", "begin"}}),
      step_event("shift", "begin", {{"percent", 50}}),
      Event("traffic", {{"service", "web"}, {"blue", 50}, {"green", 50}}),
      step_event("shift", "done", {{"percent", 50}}, 30),
      step_event("soak", "begin", {{"duration_ms", 5'000}}),
      gate_event("watching", 0.0002),
      gate_event("pass", 0.0004),
      step_event("soak", "done", {{"duration_ms", 5'000}}, 5'000),
      Event("phase", {{"name", "50 %"}, {"state", "end"}}),
      step_event("shift", "begin", {{"percent", 100}}),
      Event("traffic", {{"service", "web"}, {"blue", 0}, {"green", 100}}),
      step_event("shift", "done", {{"percent", 100}}, 25),
      step_event("retire_old", "begin", {{"hold_ms", 0}}),
      step_event("retire", "begin", {{"color", "blue"}}),
      step_event("drain", "begin", {{"color", "blue"}}),
      step_event("drain", "done", {{"color", "blue"}}, 1'000),
      step_event("retire", "done", {{"color", "blue"}}, 1'300),
      step_event("retire_old", "done", {{"hold_ms", 0}}, 1'310),
      Event("log", {{"level", "info"}, {"text", "all\x1b[2J done"}, {"fields", {{"took", 12}}}}),
      Event("ended", {{"state", "succeeded"}, {"exit", 0}, {"elapsed_ms", 12'345}, {"serves", "v2 (green) serves"}}),
  });
}

inline std::vector<Event> bad_events() {
  auto failed = step_event("soak", "failed", {{"duration_ms", 5'000}}, 2'000);
  failed.fields["error"] = to_value(gate_failure());
  return at_times({
      started_event(),
      step_event("launch", "begin", Value::object()),
      Event("warning", {{"message", "what still ran as green of web is stopped first"}}),
      step_event("launch", "done", Value::object(), 420),
      step_event("shift", "begin", {{"percent", 10}}),
      Event("traffic", {{"service", "web"}, {"blue", 90}, {"green", 10}}),
      step_event("shift", "done", {{"percent", 10}}, 30),
      step_event("soak", "begin", {{"duration_ms", 5'000}}),
      gate_event("fail", 0.2),
      std::move(failed),
      Event("rolling_back", {{"reason", to_line(gate_failure())}, {"error", to_value(gate_failure())}}),
      step_event("rollback", "begin", Value::object()),
      step_event("restore", "begin", {{"shares", {{"web", {{"blue", 100}, {"green", 0}}}}}}),
      Event("traffic", {{"service", "web"}, {"blue", 100}, {"green", 0}}),
      step_event("restore", "done", {{"shares", {{"web", {{"blue", 100}, {"green", 0}}}}}}, 12),
      step_event("retire", "begin", {{"color", "green"}}),
      step_event("retire", "done", {{"color", "green"}}, 1'100),
      step_event("rollback", "done", Value::object(), 1'120),
      Event("ended", {{"state", "rolled_back"},
                      {"exit", 1},
                      {"elapsed_ms", 4'000},
                      {"serves", "v1 (blue) serves"},
                      {"error", to_value(gate_failure())}}),
  });
}

}  // namespace shunt::cli
