// What one run sets out to do, as data: everything that a resume needs, and nothing that changes while it runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shunt/colour.hpp"
#include "spec/service.hpp"

namespace shunt {

/// A metric with a limit.
struct Gate {
  std::string name;
  std::string query;
  std::string service;  ///< for {service} in the query
  std::optional<double> max;
  std::optional<double> min;
  std::int64_t interval_ms = 5'000;
  int failures = 1;
  int consecutive_errors = 4;
  std::string on_inconclusive = "pause";  ///< pause, promote, rollback
  std::string on_error = "pause";
  std::int64_t approve_timeout_ms = 600'000;
};

/// A command that must pass before anything starts.
struct Check {
  std::string name;
  std::vector<std::string> command;
  std::string cwd;
  std::int64_t timeout_ms = 600'000;
};

/// Who is told of it, and when.
struct Channel {
  std::string type;             ///< the adapter
  Value config;                 ///< its keys
  std::vector<std::string> on;  ///< events, see shunt/notify.hpp; a script's own messages go to every channel
};

/// One colour's side of a deployment.
struct Side {
  std::string release;  ///< id, "" : there is none (a first deployment)
  std::string version;
  bool adopted = false;
  Services services;
};

struct Deployment {
  std::string id;
  std::string app;
  std::string verb = "deploy";  ///< deploy, rollback, repair, cleanup
  std::string strategy;
  Colour to = Colour::blue;  ///< the colour that shall serve
  bool first = false;        ///< nothing serves yet
  bool downtime = false;     ///< the strategy says that it stops the old before it starts the new
  Side next;                 ///< what runs, or shall run, in colour `to`
  Side prior;                ///< what runs, or ran, in the other one
  std::string metrics;       ///< adapter, "" : none
  Value metrics_config;
  std::vector<Gate> gates;        ///< of the colour that shall serve
  std::vector<Gate> prior_gates;  ///< of the one that is left; only a gradual rollback watches them
  std::vector<Check> checks;
  std::vector<Channel> channels;
  Value options = Value::object();
  std::int64_t timeout_ms = 3'600'000;
  std::int64_t rollback_timeout_ms = 300'000;
  std::string folder;  ///< of the app file: where checks and commands run

  Colour from() const { return other(to); }
  const Side& side(Colour colour) const { return colour == to ? next : prior; }

  /// Every service name of either side, in the order of `next`, then of `prior`.
  std::vector<std::string> service_names() const;

  /// The service as it is in that colour, or nullptr.
  const Service* service(const std::string& name, Colour colour) const;

  /// Whether stopping an instance of that service in that colour is a step from which no error leads back by itself: it
  /// is the old one's, and no singleton's, which is swapped while there is a way back.
  bool commits(const std::string& name, Colour colour) const;

  /// The service whose proxy is driven for both colours: `next`'s, else `prior`'s; nullptr when it has no proxy.
  const Service* proxied(const std::string& name) const;
};

Value to_value(const Deployment& deployment);
Deployment deployment_from(const Value& value);

}  // namespace shunt
