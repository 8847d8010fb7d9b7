// What a proxy adapter does: send shares of one service's requests to each colour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shunt/colour.hpp"
#include "shunt/error.hpp"
#include "shunt/finding.hpp"
#include "shunt/task.hpp"

namespace shunt {

/// A number per colour.
template <typename T>
struct PerColour {
  T blue{};
  T green{};

  PerColour() = default;
  PerColour(T blue, T green) : blue(std::move(blue)), green(std::move(green)) {}
  T& operator[](Colour colour) { return colour == Colour::blue ? blue : green; }
  const T& operator[](Colour colour) const { return colour == Colour::blue ? blue : green; }
  bool operator==(const PerColour&) const = default;
};

/// Weights as shunt sets them: 0 to 100 per colour; the sum is free while one is raised before the other is lowered.
using Weights = PerColour<int>;

struct ServerView {
  std::string name;
  Colour color = Colour::blue;
  std::string address;
  std::string state;    ///< "up", "down", "maint", "drain", "unchecked" (no health check configured: counts as up)
  int weight = 0;       ///< as configured now, on the adapter's 0..100 scale
  bool usable = false;  ///< the proxy itself would send it a new request if its weight were above 0

  ServerView() = default;
};

struct ProxyView {
  Weights weights;        ///< configured: what reads back
  Weights effective;      ///< percent of new requests that each colour really gets; both 0 when nothing can be reached
  PerColour<int> usable;  ///< servers of the colour that the proxy itself calls usable
  PerColour<std::optional<int>> in_flight;  ///< requests the colour is answering; empty: not known, which is never zero
  std::vector<ServerView> servers;
  std::int64_t started =
      0;  ///< unix ms at which the proxy (or its configuration) began: a change means it may have forgotten
  bool shiftable = true;  ///< false: only 0 and 100 can be told to it (SH1505 names why)
  std::string note;       ///< why it is not shiftable, or another warning for people
  /// How it keeps a client on one version while both have a share: "" not at all, "cookie:NAME" by that cookie's value,
  /// "address" by the client's address, which shunt's own requests cannot vary.
  std::string pinned;
  bool sticky = false;  ///< cookies or the like keep clients on a colour that has no weight any more, until `close`
  std::string cost;     ///< what a switch costs its clients, for the summary; "": nothing
  /// What has a weight is sent to addresses at which its instances are not any more (those of `instances_found_at`):
  /// the same weights, applied again, put that right.
  bool stale = false;

  ProxyView() = default;
};

/// Bound to one service's `proxy` table. One small thing per method; loops, order and waiting are the engine's. Loop
/// thread only. Failures: SH1501 cannot be reached (kind adapter, retryable), SH1502 did not answer in time (kind
/// timeout, retryable), SH1503 answered something unexpected (the text is in `evidence`), SH1504 knows no such backend
/// or server (kind config), SH1505 cannot be shifted, SH1506 did not keep what it was told.
class Proxy {
 public:
  virtual ~Proxy() = default;

  /// Told before anything else, and again when one changes: the addresses (host:port) of each colour's instances, of
  /// those that run and of those that shall. Nothing is touched by it. A proxy whose own configuration names its
  /// servers needs none.
  virtual void instances_at(PerColour<std::vector<std::string>> /*addresses*/) {}

  /// The same, in place of it, where only their runtime knows the addresses: told before each use, because an instance
  /// may be elsewhere after each start, and somebody else where it was. The i-th is that of the instance of index i, ""
  /// while it has none. From now on an address that is not among them is nobody's: it gets no share, and counts for
  /// none. A proxy whose own configuration names its servers tells them these addresses before it raises their colour,
  /// and leaves those of a colour without a weight alone.
  virtual void instances_found_at(PerColour<std::vector<std::string>> addresses) {
    for (const Colour color : both_colours) std::erase(addresses[color], "");
    instances_at(std::move(addresses));
  }

  virtual Task<Result<ProxyView>> observe() = 0;

  /// Sets both configured weights and lifts what keeps a raised colour out (HAProxy: maint), reads them back, and
  /// persists them where the proxy can take them up after a restart. Twice is the same as once. It does not wait until
  /// servers are usable.
  virtual Task<Result<void>> apply(Weights weights) = 0;

  /// Sends nobody there any more, whatever cookie a client brings, and persists that as `apply` does. Only for a colour
  /// without a weight (SH1506 otherwise); the next `apply` that raises it lifts it. Twice is the same as once.
  virtual Task<Result<void>> close(Colour /*colour*/) { co_return Result<void>(); }

  /// Whether the proxy keeps what it is told: over a reload, a restart, an edit. Changes nothing.
  virtual Task<std::vector<Finding>> examine() { co_return std::vector<Finding>(); }

  /// What two configurations that drive the same thing have in common, e.g. "haproxy:/run/haproxy/admin.sock:shop".
  virtual std::string target() const = 0;
};

}  // namespace shunt
