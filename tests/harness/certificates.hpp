// A certificate authority of a test's own, a server at 127.0.0.1 and a client that it knows.
#pragma once

#include <filesystem>

namespace shunt::harness {

/// PEM files in a folder, under the names that Docker's clients look for in DOCKER_CERT_PATH.
class Certificates {
 public:
  /// Makes them, for the next two days; the folder is made where it is missing. Throws std::runtime_error, with the
  /// words of `openssl`, when that fails.
  explicit Certificates(std::filesystem::path folder);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path authority() const { return folder_ / "ca.pem"; }
  std::filesystem::path server() const { return folder_ / "server.pem"; }  ///< for 127.0.0.1 and localhost
  std::filesystem::path server_key() const { return folder_ / "server-key.pem"; }
  std::filesystem::path client() const { return folder_ / "cert.pem"; }
  std::filesystem::path client_key() const { return folder_ / "key.pem"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace shunt::harness
