// Several services, each behind an HAProxy of its own, that switch as one set.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "e2e/site.hpp"

namespace shunt::e2e {

/// One house of the street.
struct House {
  std::string name;
  int blue = 0;
  int green = 0;
  std::unique_ptr<harness::Haproxy> proxy;
  std::string command_more;  ///< further words of the command: "\"--unhealthy\","
  std::string more;          ///< further keys of the service: "after = { \"a\" },"
};

class Street : public Desk {
 public:
  explicit Street(int houses);

  /// Writes the app file with these houses, and what else belongs among its services.
  void configure();

  /// What each house's proxy answers with: its version, or "" for an error.
  std::vector<std::string> serving() const;
  /// Blue's and green's weight in each house: "100/0".
  std::vector<std::string> weights() const;

  std::vector<House> houses;
  std::string strategy = "blue_green";
  std::string options = "soak = \"0s\"";
  std::string more_services;
};

/// A client that asks every house in turn, again and again.
class Visitor {
 public:
  explicit Visitor(const Street& street);
  ~Visitor();

  struct Visit {
    std::int64_t began = 0;             ///< unix ms, before the first house was asked
    std::vector<std::string> versions;  ///< in the order of the houses
  };

  /// Ends it; every visit.
  std::vector<Visit> stop();

 private:
  const Street& street_;
  std::atomic<bool> stop_ = false;
  std::vector<Visit> visits_;
  std::thread thread_;
};

}  // namespace shunt::e2e
