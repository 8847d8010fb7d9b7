// What a run has learnt so far, from the outcomes that came back through the waist.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "shunt/colour.hpp"
#include "shunt/proxy.hpp"

namespace shunt {

/// One service in one colour.
using Seat = std::pair<std::string, Colour>;

/// One instance of a service in one colour, by its index.
using Spot = std::pair<Seat, int>;

/// What is known of one service's proxy.
struct ProxyFacts {
  Weights weights;           ///< as last read
  Weights effective;         ///< as last read
  std::int64_t started = 0;  ///< as last read
  bool seen = false;
  std::string pinned;   ///< how it keeps clients on one version, as last read
  bool sticky = false;  ///< clients stay on a colour without a weight, as last read
  std::string cost;     ///< what a switch costs its clients, as last read
  Weights told;         ///< as last set by this run
  bool told_any = false;
  std::int64_t told_at_start = 0;  ///< `started` when it was told
};

/// A projection of the journal: the same entries give the same facts.
struct Facts {
  std::map<std::string, ProxyFacts> proxies;
  std::map<std::string, Weights> found;  ///< shares before the first effect on them
  std::set<Seat> started;                ///< by this run
  std::set<Seat> healthy;                ///< every instance, since its last start
  std::map<Spot, std::int64_t> ready;    ///< when the instance had started that was last seen ready
  std::map<Spot, std::int64_t> proven;   ///< the same, when await_healthy passed
  std::set<Seat> smoked;                 ///< its smoke tests passed since then
  std::set<Seat> had_traffic;            ///< was given a weight above 0, or had one when first seen
  std::set<Seat> drained;                ///< since it last had traffic
  std::optional<Colour> singletons_in;   ///< the colour whose singletons this run has brought up
  std::string breach;                    ///< the gate that failed, until a soak passes again
  bool rolling_back = false;             ///< traffic goes back whatever else is found
  bool restorable = false;               ///< the undo of all shifts is journaled
  bool revivable = false;                ///< the undo of stop_old is journaled: the old colour was stopped on purpose
  bool retirable = false;                ///< the undo of launch is journaled
  bool committed = false;                ///< the old colour has begun to be stopped for good
  std::int64_t hold_ms = 0;              ///< asked for by retire_old
  bool retired = false;                  ///< retire_old was called
};

}  // namespace shunt
