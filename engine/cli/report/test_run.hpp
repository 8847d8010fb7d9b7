// A `show` document with a little of everything, and with texts that would like to be markup.
#pragma once

#include "cli/report/test_events.hpp"

namespace shunt::cli {

inline Value shown_run() {
  return {{"id", "20261121-043713-k3x9"},
          {"app", "shop"},
          {"verb", "deploy"},
          {"version", "v2"},
          {"strategy", "gradual"},
          {"state", "rolled_back"},
          {"by", "ann@host"},
          {"reason", "<script>alert(1)</script> | `x` *y*"},
          {"started", "2026-11-21T04:37:13.250Z"},
          {"ended", "2026-11-21T04:37:17.250Z"},
          {"elapsed_ms", 4'000},
          {"exit", 1},
          {"report",
           {{"serves", "v1 (blue) serves"},
            {"error", to_value(gate_failure())},
            {"output", {{"shop-web-green-0", "listening\n</pre><script>alert(2)</script>\n````\n"}}}}},
          {"timeline",
           {{{"at_ms", 0}, {"kind", "intent"}, {"verb", "launch"}, {"branch", "0"}, {"seq", 1}},
            {{"at_ms", 10}, {"kind", "hook"}, {"verb", "retire"}, {"branch", "0/0"}, {"seq", 2}, {"args", {{"color", "green"}}}, {"body", {{"tier", "clean-up"}}}},
            {{"at_ms", 20}, {"kind", "intent"}, {"verb", "instances.start"}, {"branch", "0/0"}, {"seq", 3}, {"args", {{"service", "web"}, {"color", "green"}, {"index", 0}}}},
            {{"at_ms", 400}, {"kind", "result"}, {"verb", "instances.start"}, {"branch", "0/0"}, {"seq", 4}},
            {{"at_ms", 500}, {"kind", "result"}, {"verb", "launch"}, {"branch", "0"}, {"seq", 5}},
            {{"at_ms", 600}, {"kind", "intent"}, {"verb", "proxy.set"}, {"branch", "0"}, {"seq", 6}, {"args", {{"service", "web"}, {"blue", 90}, {"green", 10}}}},
            {{"at_ms", 610}, {"kind", "result"}, {"verb", "proxy.set"}, {"branch", "0"}, {"seq", 7}},
            {{"at_ms", 700}, {"kind", "operator"}, {"verb", "approve"}, {"branch", ""}, {"seq", 8}, {"args", {{"question", "go on?"}}}, {"body", {{"by", "bob@host"}, {"reason", "fine"}}}},
            {{"at_ms", 800}, {"kind", "intent"}, {"verb", "soak"}, {"branch", "0"}, {"seq", 9}, {"args", {{"duration_ms", 5'000}}}},
            {{"at_ms", 2'800}, {"kind", "progress"}, {"verb", "soak"}, {"branch", "0"}, {"seq", 10}, {"error", to_value(gate_failure())}},
            {{"at_ms", 2'801}, {"kind", "decision"}, {"verb", "roll back"}, {"branch", ""}, {"seq", 11}, {"error", to_value(gate_failure())}},
            {{"at_ms", 2'802}, {"kind", "progress"}, {"verb", "instances.logs"}, {"branch", "rollback"}, {"seq", 12}},
            {{"at_ms", 2'810}, {"kind", "intent"}, {"verb", "rollback"}, {"branch", "rollback"}, {"seq", 13}}}}};
}

}  // namespace shunt::cli
