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

/// Addresses that one engine has for its networks. Its end removes each network device that has one of them, whoever
/// has made it. Call enter_own_network() before.
class AddressBlock {
 public:
  AddressBlock();
  ~AddressBlock();
  AddressBlock(const AddressBlock&) = delete;
  AddressBlock& operator=(const AddressBlock&) = delete;

  std::string bridge() const;   ///< a name for the device of the engine's first network: "shunt3"
  std::string gateway() const;  ///< the address of that device: "198.18.3.1"
  std::string network() const;  ///< its network: "198.18.3.0/26"
  std::string others() const;   ///< for the networks of users: "198.18.3.128/25"

  /// Makes the device, with its address. Throws std::runtime_error, with the words of `ip`, when that fails.
  void make_bridge() const;

 private:
  int number_;
};

}  // namespace shunt::harness
