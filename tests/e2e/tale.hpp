// Five services of one app in Compose projects, and a database that they share: what the project grew from.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "e2e/site.hpp"
#include "e2e/street.hpp"
#include "harness/docker.hpp"

namespace shunt::e2e {

/// What is not ordinary about it.
struct TaleOptions {
  std::string options = "soak = \"0s\"";
  std::string drain = "2s";
  std::string more;  ///< further lines of the app table
};

/// Each house is a service behind an HAProxy of its own. The engine has the images tale:v1 to tale:v3, and rag:v1 to
/// rag:v3, of which v3 never becomes healthy. `platform` is asked by HTTP whether it is ready, the others have health
/// checks of their own.
class Tale : public Desk {
 public:
  explicit Tale(TaleOptions options = {});

  void configure(TaleOptions options);

  /// `shunt` with what the compose command needs to find this engine.
  Ended deploy(std::vector<std::string> words, std::map<std::string, std::string> env = {});
  harness::Program begin(std::vector<std::string> words);

  /// What each house's proxy answers with: its version, or "" for an error.
  std::vector<std::string> serving() const;

  /// "NAME ID" of each running container whose name ends so, sorted.
  std::vector<std::string> running(const std::string& color) const;
  std::string database() const;  ///< its container's id and start

  harness::Docker engine{folder};  ///< before everything that is started in its network
  std::vector<House> houses;

 private:
  std::map<std::string, std::string> with_engine(std::map<std::string, std::string> env) const;
  void write_compose_files();
};

}  // namespace shunt::e2e
