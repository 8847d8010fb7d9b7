// Clients of a simulated machine, who ask all the time.
#pragma once

#include <map>
#include <string>

#include "model/machine.hpp"

namespace shunt::simulate {

/// A hundred requests a second to every proxy, each answered after `takes`. Counts those that nobody answered, or whose
/// instance was stopped under them. Loop thread only.
class Clients {
 public:
  Clients(model::Machine& machine, const Deployment& deployment);

  /// Time went by as things were; called before anything changes.
  void pass();

  /// Things are different now.
  void look();

  /// Requests that the colour is answering; tells the proxies, too.
  int in_flight(const std::string& service, Colour colour);

  /// An instance of that colour is ended: what it was answering is lost.
  void cut_off(const std::string& service, Colour colour);

  std::int64_t requests() const { return requests_; }
  std::int64_t failed() const { return failed_; }

  Milliseconds takes{50};

 private:
  struct Line {
    Weights shares;                      ///< of new requests
    PerColour<bool> answers;             ///< somebody there does
    PerColour<std::int64_t> last{0, 0};  ///< when it last had a share
    PerColour<int> last_share{0, 0};
    std::int64_t remainder = 0;  ///< of a request, in thousandths
  };

  model::Machine* machine_;
  const Deployment* deployment_;
  std::map<std::string, Line> lines_;
  std::int64_t since_;
  std::int64_t requests_ = 0;
  std::int64_t failed_ = 0;
};

}  // namespace shunt::simulate
