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
  bool lift = false;      ///< out of maintenance and drain
  bool close = false;     ///< into maintenance; the weight stays
  std::string address{};  ///< where it is from now on; the rest stays. "": a change of the weight
  bool doubt = false;     ///< down, until HAProxy itself has found it healthy there
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

/// SH1504: a colour has more instances than servers.
Error too_few_servers(const Place& place, Colour color);

/// The addresses that servers must be told before they get `weights`: those of a colour with a weight which are not
/// where their instances are. SH1504 when a colour that is raised has more instances than servers, or nowhere to send
/// requests (retryable: its instances may be about to start), or an address that HAProxy cannot be told.
Result<std::vector<Change>> changes_to_place(const Place& place, const Backend& backend, Weights weights);

/// The commands for some changes.
std::vector<std::string> commands_for(const Place& place, const std::vector<Change>& changes);

/// Whether `backend` is as `changes` wanted it. SH1506 otherwise.
Result<void> check_kept(const Backend& backend, const std::vector<Change>& changes);

}  // namespace shunt::haproxy
