// Shares by repetition: Caddy 2.6 knows no weights, but it chooses among the entries of a list, however often an
// address stands there.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shunt/proxy.hpp"

namespace shunt::caddy {

using Addresses = PerColour<std::vector<std::string>>;

/// Where a service's instances are.
struct Announced {
  Addresses addresses;
  bool found = false;  ///< at run time: an address that is not among them is nobody's
};

/// What stands in a list for a colour none of whose instances has an address: nobody listens there.
inline constexpr const char* nowhere = "127.0.0.1:9";

/// host:port without control characters, blanks and what Caddy would replace: nothing that means more than an address.
bool is_address(std::string_view address);

/// The same address with `zeros` zeros before its port. Caddy's hashing policies (ip_hash, header, uri_hash) give equal
/// entries equal hashes, so that a repeated one counts once; each spelling has a hash of its own.
std::string spelled(const std::string& address, int zeros);

/// An entry's address without such zeros.
std::string plain(std::string_view dial);

/// How often each server of a colour stands in the list, so that the shares are exact whatever the numbers of servers.
/// `reduced`: by the greatest common divisor.
PerColour<long> repetitions(Weights weights, const Addresses& addresses, bool reduced);

/// The list: blue's servers first. `distinct`: each entry in a spelling of its own.
std::vector<std::string> spread(const PerColour<long>& times, const Addresses& addresses, bool distinct);

/// What a list holds.
struct Counts {
  PerColour<long> of;                  ///< entries
  std::vector<std::string> strangers;  ///< entries of neither colour

  Counts() = default;

  /// Percent of the requests that each colour gets; neither 0 nor 100 where both have entries.
  Weights shares() const;
};

Counts count(const std::vector<std::string>& dials, const Addresses& addresses);

/// Percent of `part` in `whole`, nearest, in steps of `step`; 0 and 100 only where that is exact.
int percent(long part, long whole, int step);

}  // namespace shunt::caddy
