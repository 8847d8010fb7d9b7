// A real Prometheus that scrapes targets on 127.0.0.1.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/folder.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// What its configuration says.
struct PrometheusOptions {
  std::vector<int> targets;  ///< ports of 127.0.0.1; one where nobody listens is `up == 0`
  std::string scrape_interval = "200ms";
};

/// One running Prometheus.
class Prometheus {
 public:
  /// Starts it in a folder `prometheus` of `folder` and waits until it is ready. Throws std::runtime_error, with its
  /// output, when it is not within 30 seconds.
  Prometheus(const TemporaryFolder& folder, PrometheusOptions options);

  void start();  ///< again, on the same port and with its data, after program().kill()

  int port() const { return port_; }
  std::string url(const std::string& path = "") const;
  Program& program() { return program_; }

  /// The JSON answer to an instant query.
  std::string query(const std::string& expression) const;

 private:
  bool has_scraped() const;

  std::filesystem::path folder_;
  std::size_t targets_;
  int port_;
  Program program_;
};

}  // namespace shunt::harness
