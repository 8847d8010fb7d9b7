// What a composite step works with.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "effects/waist.hpp"
#include "shunt/duration.hpp"
#include "spec/deployment.hpp"
#include "steps/facts.hpp"

namespace shunt::steps {

using effects::Scope;
using effects::Tier;
using effects::Undo;

/// References live as long as the run.
struct Stage {
  const Deployment& deployment;
  Facts& facts;
  const effects::Journal& journal;
};

/// The services that `args.service` names, or all of them, in order.
inline std::vector<std::string> chosen(const Stage& stage, const Value& args) {
  const std::string only = args.value("service", "");
  if (!only.empty()) return {only};
  return stage.deployment.service_names();
}

/// Those of them that have a proxy.
inline std::vector<std::string> chosen_with_proxy(const Stage& stage, const Value& args) {
  std::vector<std::string> names;
  for (const auto& name : chosen(stage, args))
    if (stage.deployment.proxied(name) != nullptr) names.push_back(name);
  return names;
}

/// The services of a colour that run in it by now: its singletons only once they were swapped in.
inline std::vector<const Service*> running(const Stage& stage, Colour colour, const std::string& only = "") {
  std::vector<const Service*> services;
  for (const auto& service : stage.deployment.side(colour).services)
    if ((only.empty() || only == service.name) && (!service.singleton || stage.facts.singletons_in == colour))
      services.push_back(&service);
  return services;
}

inline bool has_singletons(const Stage& stage) {
  const auto in = [](const Side& side) {
    return std::any_of(side.services.begin(), side.services.end(), [](const Service& one) { return one.singleton; });
  };
  return in(stage.deployment.next) || in(stage.deployment.prior);
}

inline Colour colour_in(const Value& args, Colour otherwise) {
  return colour_named(args.value("color", "")).value_or(otherwise);
}

/// Runs the composite of `call.verb`.
Task<Outcome> run(Stage stage, Scope scope, Call call);

}  // namespace shunt::steps
