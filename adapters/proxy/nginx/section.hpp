// The blocks that shunt writes for one service, and what they say when they are read back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/proxy/nginx/upstream_file.hpp"
#include "shunt/proxy.hpp"

namespace shunt::nginx {

using Addresses = PerColour<std::vector<std::string>>;

/// What is said of where instances are.
struct Announced {
  Addresses addresses;
  bool found = false;  ///< at run time: an address that is not among them is nobody's

  /// The colour's addresses, or nothing where what is known already goes on to count.
  bool says(Colour color) const { return found || !addresses[color].empty(); }
};

/// A server of a colour, whether or not nginx is to use it now.
struct Known {
  std::string address;
  std::string more;  ///< parameters that an operator gave it

  bool operator==(const Known&) const = default;
};

/// One `upstream NAME` with the servers of both colours, for a switch by reload.
struct Weighted {
  bool present = false;  ///< there is such a block
  PerColour<std::vector<Known>> known;
  Weights weights;                 ///< as shunt wrote them, or what its servers come to when somebody else wrote them
  Weights before;                  ///< what nginx was running when it was written
  bool by_hand = false;            ///< its servers are not those that shunt writes for these weights
  std::vector<Server> standing{};  ///< its `server` lines
  bool stale = false;              ///< what stands there is shunt's own, but not where the instances are now
  std::vector<std::string> lines{};

  /// Percent of the requests that each colour gets; 0 and 0 when no server is in use.
  Weights shares() const;
  std::vector<Server> strangers() const;  ///< `server` lines of neither colour
};

/// A server belongs to the colour that announces its address; else to the one of which shunt has noted it, unless
/// addresses are found at run time.
Weighted read_weighted(const UpstreamFile& file, const std::string& name, const Announced& announced);

/// The servers that make these shares exact, whatever the number of servers: a colour without weight is left out,
/// because nginx takes no weight 0; where neither has one all stand there, down, because nginx takes no upstream
/// without servers. One that is down stands for nobody.
std::vector<Server> servers_for(Weights weights, const PerColour<std::vector<Known>>& known);

/// The block of `section`'s known servers, weights, `before` and lines.
std::string write_weighted(const std::string& name, const Weighted& section);

/// NAME_blue, NAME_green and what chooses between them by a link, for a switch without reload.
struct Linked {
  bool present = false;  ///< all of it is there
  PerColour<std::vector<Server>> servers;
  PerColour<std::vector<std::string>> lines;
  bool first = false;  ///< nginx was running nothing of it when it was written
};

Linked read_linked(const UpstreamFile& file, const std::string& name);

/// `folder` holds the folders that the link may lead to; `split` is what stays on one version, e.g. "$request_id".
std::string write_linked(const std::string& name, const std::string& split, const std::string& folder,
                         const Linked& section);

/// The folder that stands for "nobody gets requests"; the others are called 0 to 100.
inline constexpr std::string_view nobody = "nobody";

/// `now` with the announced addresses of each colour of which they are said, and what the operator gave those it had
/// already.
PerColour<std::vector<Known>> with_announced(PerColour<std::vector<Known>> now, const Announced& announced);
PerColour<std::vector<Server>> with_announced(PerColour<std::vector<Server>> now, const Announced& announced);

/// The same for who is to have these weights: what was found of a colour without one changes nothing, so that nothing
/// need be reloaded for it, and its last requests are answered.
PerColour<std::vector<Known>> with_announced(PerColour<std::vector<Known>> now, const Announced& announced,
                                             Weights weights);
PerColour<std::vector<Server>> with_announced(PerColour<std::vector<Server>> now, const Announced& announced,
                                              Weights weights);

/// Percents of requests to numbers of them: none is rounded to nothing.
Weights shares_of(long blue, long green, long others);

}  // namespace shunt::nginx
