// What a proxy adapter does: send shares of one service's requests to each colour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shunt/colour.hpp"
#include "shunt/error.hpp"
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

  ProxyView() = default;
};

/// Bound to one service's `proxy` table. One small thing per method; loops, order and waiting are the engine's. Loop
/// thread only. Failures: SH1501 cannot be reached (kind adapter, retryable), SH1502 did not answer in time (kind
/// timeout, retryable), SH1503 answered something unexpected (the text is in `evidence`), SH1504 knows no such backend
/// or server (kind config), SH1505 cannot be shifted, SH1506 did not keep what it was told.
class Proxy {
 public:
  virtual ~Proxy() = default;

  virtual Task<Result<ProxyView>> observe() = 0;

  /// Sets both configured weights and lifts what keeps a raised colour out (HAProxy: maint), reads them back, and
  /// persists them where the proxy can take them up after a restart. Twice is the same as once. It does not wait until
  /// servers are usable.
  virtual Task<Result<void>> apply(Weights weights) = 0;

  /// What two configurations that drive the same thing have in common, e.g. "haproxy:/run/haproxy/admin.sock:shop".
  virtual std::string target() const = 0;
};

}  // namespace shunt
