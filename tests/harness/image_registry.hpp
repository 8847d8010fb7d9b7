// A real registry of images at 127.0.0.1.
#pragma once

#include <filesystem>
#include <string>

#include "harness/folder.hpp"
#include "harness/program.hpp"

namespace shunt::harness {

/// Who may use it.
struct ImageRegistryOptions {
  std::string user{};  ///< "": everybody
  std::string password{};
  std::string folder = "registry";  ///< name of its folder: one for each registry of a test
};

/// One running `docker-registry`, without TLS: engines accept that at 127.0.0.1. It comes after the engine that uses
/// it, or after enter_own_network(), so that both are in one network.
class ImageRegistry {
 public:
  /// Starts it in a folder of its own in `folder` and waits until it answers. Throws std::runtime_error, with its
  /// output, when it does not within 30 seconds.
  explicit ImageRegistry(const TemporaryFolder& folder, ImageRegistryOptions options = {});

  void start();  ///< again, on the same port and with its images, after program().kill()

  int port() const { return port_; }
  std::string address() const;                       ///< "127.0.0.1:PORT", as engines name it
  std::string image(const std::string& name) const;  ///< the full name of an image here: "127.0.0.1:PORT/shop:v1"
  Program& program() { return program_; }            ///< it prints a line for each request

 private:
  void write_configuration() const;

  ImageRegistryOptions options_;
  std::filesystem::path folder_;
  int port_;
  Program program_;
};

}  // namespace shunt::harness
