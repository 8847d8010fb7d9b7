// What must be told to HAProxy for a backend to have other weights.
#pragma once

#include <string>
#include <vector>

#include "adapters/proxy/haproxy/view.hpp"

namespace shunt::haproxy {

/// One server's part of a change.
struct Change {
  std::string server;
  int weight = 0;
  bool lift = false;   ///< out of maintenance and drain
  bool close = false;  ///< into maintenance; the weight stays
};

/// `raise` must be confirmed before `lower` is told, so that no refusal leaves a backend without servers.
struct Changes {
  std::vector<Change> raise;
  std::vector<Change> lower;
};

/// From what `backend` is to `weights`. A server that has its weight already is left alone. Servers of a colour that is
/// raised, or that is to have requests and has every server taken out, are lifted out of maintenance and drain; those
/// of any other colour are not: somebody may be working on them.
Changes changes_to(const Place& place, const Backend& backend, Weights weights);

/// What takes a colour out. SH1506 when one of its servers has a weight.
Result<std::vector<Change>> changes_to_close(const Backend& backend, Colour color);

/// The commands for some changes.
std::vector<std::string> commands_for(const Place& place, const std::vector<Change>& changes);

/// Whether `backend` is as `changes` wanted it. SH1506 otherwise.
Result<void> check_kept(const Backend& backend, const std::vector<Change>& changes);

}  // namespace shunt::haproxy
