// The verb `simulate`: thousands of bad days of one strategy.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <chrono>

#include "deploy/load.hpp"
#include "shunt/schema.hpp"
#include "simulate/campaign.hpp"
#include "simulate/shrink.hpp"
#include "simulate/subject.hpp"

namespace shunt {

using namespace simulate;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

Value shown(const Deployment& deployment, const simulate::Finding& finding) {
  Value faults = Value::array();
  for (const auto& fault : finding.faults) faults.push_back(to_lua(fault));
  return {{"kind", finding.kind},
          {"what", finding.what},
          {"file", finding.where.file},
          {"line", finding.where.line},
          {"seed", finding.seed},
          {"faults", std::move(faults)},
          {"test", to_test(deployment, finding)},
          {"timeline", finding.timeline}};
}

Value shown(const Coverage& coverage) {
  Value files = Value::object();
  for (const auto& [file, lines] : coverage) {
    Value missed = Value::array();
    for (const auto& [line, hits] : lines)
      if (hits == 0) missed.push_back(line);
    files[file] = {{"lines", lines.size()}, {"missed", std::move(missed)}};
  }
  return files;
}

Value document_of(const Subject& subject, const Outcomes& outcomes) {
  const auto& deployment = subject.deployment;
  auto held = properties();
  for (const auto& invariant : subject.invariants) held.push_back(invariant.name);
  Value findings = Value::array();
  for (const auto& finding : outcomes.findings) findings.push_back(shown(deployment, finding));
  return {{"app", deployment.app},         {"strategy", deployment.strategy}, {"runs", outcomes.runs},
          {"replayed", outcomes.replayed}, {"calls", outcomes.calls},         {"ends", outcomes.ends},
          {"requests", outcomes.requests}, {"failed", outcomes.failed},       {"trace", outcomes.trace},
          {"properties", std::move(held)}, {"findings", std::move(findings)}, {"coverage", shown(outcomes.coverage)},
          {"undos", outcomes.undos}};
}

Result<Orders> orders_in(const SimulateRequest& request) {
  Orders orders;
  orders.runs = request.runs;
  orders.seed = request.seed;
  orders.crashes = request.crashes;
  orders.exhaustive = request.exhaustive;
  if (request.faults.empty()) return orders;
  orders.kinds = request.faults;
  const auto& known = fault_names();
  for (const auto& kind : orders.kinds) {
    if (std::find(known.begin(), known.end(), kind) != known.end()) continue;
    const auto near = nearest(kind, known);
    return Error("SH2101", Kind::config, fmt::format("there is no fault '{}'", kind),
                 near.empty() ? fmt::format("the faults are: {}", fmt::join(known, ", "))
                              : fmt::format("did you mean '{}'?", near));
  }
  return orders;
}

}  // namespace

Ending Engine::simulate(const SimulateRequest& request) {
  auto orders = orders_in(request);
  if (!orders) return Ending(2, orders.error());
  auto app = app_for(request.app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  std::vector<std::unique_ptr<ScriptRuntime>> runtimes;
  const auto options = deploy::options_in(request.options);
  const auto subject_with = [&](ScriptRuntime& scripts) -> Result<Subject> {
    auto subject = make_subject(*app, request.strategy, options, Setting(), scripts);
    if (!subject) return subject;
    if (auto added = add_invariants(*subject, *app, request.strategy, scripts); !added) return added.error();
    return subject;
  };
  const auto first = subject_with(scripts_);
  if (!first) return Ending(2, first.error());
  const auto make = [&] {
    runtimes.push_back(scripts_.another());
    return *subject_with(runtimes.back() ? *runtimes.back() : scripts_);
  };
  orders->workers = scripts_.another() ? 0 : 1;
  const auto began = std::chrono::steady_clock::now();
  const auto outcomes = run_campaign(make, *orders);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  Ending ending(outcomes.findings.empty() ? 0 : 1);
  ending.document = document_of(*first, outcomes);
  ending.document["seed"] = request.seed;
  ending.document["seconds"] = took.count();
  return ending;
}

}  // namespace shunt
