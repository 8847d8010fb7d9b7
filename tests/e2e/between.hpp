// A man in the middle of a proxy's runtime socket, who can be told to fail.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "adapters/conformance/peer.hpp"

namespace shunt::e2e {

/// What becomes of the next command that sets something, and of every command after it.
enum class Fault {
  none,
  refuses,      ///< closes the connection without reading
  hangs,        ///< takes the command and says nothing
  garbage,      ///< passes nothing on and answers with another program's page
  lost_reply,   ///< passes it on and closes without the answer
  late,         ///< passes it on and answers long after the timeout
  half_answer,  ///< passes it on and answers with the first half
};

/// Relays a unix socket; from the first `set ...` command after `fail_with` on it fails in one way, until `heal`.
class Between {
 public:
  Between(std::filesystem::path socket, std::filesystem::path real);
  ~Between();

  void fail_with(Fault fault);
  void heal() { fail_with(Fault::none); }
  bool has_struck() const { return struck_; }

 private:
  void serve(int connection);

  std::filesystem::path real_;
  std::atomic<Fault> fault_{Fault::none};
  std::atomic<bool> struck_{false};
  std::unique_ptr<conformance::Peer> peer_;
};

}  // namespace shunt::e2e
