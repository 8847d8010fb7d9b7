// The service that tests deploy (tests/service), started by the test itself.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "harness/program.hpp"

namespace shunt::harness {

/// How it is started.
struct ShopOptions {
  std::string version = "v1";
  std::string color = "blue";        ///< label in its metrics
  int port = 0;                      ///< 0: a free one
  std::vector<std::string> flags{};  ///< anything else of `shop --help`
};

/// The command line of a shop: what a test writes into an app file, too.
std::vector<std::string> shop_command(const ShopOptions& options);

/// One running shop.
class Shop {
 public:
  /// Starts it and waits until it answers. Throws std::runtime_error, with its output, when it does not within five
  /// seconds.
  explicit Shop(ShopOptions options = {});

  int port() const { return options_.port; }
  std::string url(const std::string& path = "/") const;
  Program& program() { return program_; }

  /// Requests it has answered, probes and scrapes not counted.
  long requests() const;

  /// Starts it again on its port, after program().kill() or terminate().
  void start();

 private:
  ShopOptions options_;
  Program program_;
};

}  // namespace shunt::harness
