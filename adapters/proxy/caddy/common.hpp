// What both ways to switch have in common.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/proxy/caddy/spread.hpp"
#include "shunt/error.hpp"
#include "shunt/proxy.hpp"

namespace shunt::caddy {

/// SH1505 for a weight that is none.
std::optional<Error> no_weights(Weights weights);

/// SH1504 when a colour shall get requests that has nowhere to send them, or an address that Caddy cannot have. Where
/// addresses are found at run time a colour that has its weight `now` may be without one for a moment, and one that is
/// to be raised may have one soon (retryable).
std::optional<Error> unreachable(const Addresses& addresses, Weights weights, Weights now, bool found);

/// SH1502: `what` did not happen in time.
Error too_late(const std::string& what, Milliseconds timeout);

/// Each colour's servers, all of which count as usable: Caddy is not asked for their health.
void add_servers(ProxyView& view, const Addresses& addresses);

/// Those of the colour, where it has a weight, are not usable to which none of `dials` leads.
void leave_out_but(ProxyView& view, Colour color, const std::vector<std::string>& dials);

/// Requests that a colour's servers are answering. Unknown where Caddy does not list one of them: it drops an upstream
/// that was removed while it still answers.
PerColour<std::optional<int>> in_flight(const Addresses& addresses, const std::map<std::string, int>& requests);

void add_note(ProxyView& view, const std::string& note);

/// "127.0.0.1:1, 127.0.0.1:2", each once.
std::string joined(const std::vector<std::string>& words, const char* between);

}  // namespace shunt::caddy
