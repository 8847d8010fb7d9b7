// What stands behind a proxy in its suite.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/conformance/peer.hpp"

namespace shunt::conformance {

/// Answers 200, with its name as the text; /hold and websockets only once they are let go.
class HeldServer {
 public:
  HeldServer(int port, std::string name);
  ~HeldServer();

  void set_listening(bool listening);
  void let_go();

 private:
  void answer(int connection);

  int port_;
  std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int released_ = 0;
  std::unique_ptr<Peer> peer_;
};

}  // namespace shunt::conformance
