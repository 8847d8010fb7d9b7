// A network that a test shares with nobody, for engines that make bridges, routes and packet filters.
#pragma once

#include <string>

namespace shunt::harness {

/// Gives the calling thread, and each thread and program that it starts from now on, a network namespace of the test
/// process's own: a loopback device, and no way to or from outside. What an engine changes in it, the machine's own
/// network does not notice, and it is gone with the last process in it, however that ends. Later calls, of other
/// threads too, enter the same one. Throws std::logic_error while a child of this process runs (it would stay where it
/// is, and nobody would reach it), and std::system_error when it cannot be done: it takes root.
void enter_own_network();

/// A bridge with addresses, for one engine. Its end removes each network device that has an address of the block, so
/// also the bridges that the engine made for networks of its users. Call enter_own_network() before.
class Bridge {
 public:
  Bridge();  ///< throws std::runtime_error, with the words of `ip`, when it cannot be made
  ~Bridge();
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  std::string name() const;     ///< of the device
  std::string address() const;  ///< its own, with the size of its network: "198.18.3.1/26"
  std::string network() const;  ///< "198.18.3.0/26"
  std::string others() const;   ///< for networks of users, none of them outside of it: "198.18.3.128/25"

 private:
  bool holds(const std::string& address) const;

  int number_;
};

}  // namespace shunt::harness
