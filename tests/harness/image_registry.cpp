#include "harness/image_registry.hpp"

#include <crypt.h>
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

namespace shunt::harness {

namespace {

// {0} folder, {1} port.
constexpr auto registry_configuration = R"(version: 0.1
storage:
  filesystem:
    rootdirectory: {0}/images
  delete:
    enabled: true
http:
  addr: 127.0.0.1:{1}
  secret: of the test
)";

constexpr auto htpasswd_configuration = R"(auth:
  htpasswd:
    realm: test
    path: {0}/htpasswd
)";

// The registry knows passwords by bcrypt only; 4 is the least work that there is.
std::string hash_of(const std::string& password) {
  crypt_data data{};
  const char* salt = ::crypt_gensalt_rn("$2b$", 4, nullptr, 0, &data.output[0], sizeof data.output);
  const std::string setting = salt == nullptr ? "" : salt;
  const char* hash = ::crypt_r(password.c_str(), setting.c_str(), &data);
  if (hash == nullptr || !std::string(hash).starts_with("$2b$")) throw std::runtime_error("crypt(3) knows no bcrypt");
  return hash;
}

}  // namespace

ImageRegistry::ImageRegistry(const TemporaryFolder& folder, ImageRegistryOptions options)
    : options_(std::move(options)),
      folder_(folder / options_.folder),
      port_(free_port()),
      program_({{"docker-registry", "serve", folder_ / "config.yml"}}) {
  std::filesystem::create_directories(folder_);
  write_configuration();
  start();
}

void ImageRegistry::write_configuration() const {
  std::ofstream file(folder_ / "config.yml");
  file << fmt::format(registry_configuration, folder_.string(), port_);
  if (options_.user.empty()) return;
  file << fmt::format(htpasswd_configuration, folder_.string());
  std::ofstream(folder_ / "htpasswd") << options_.user << ':' << hash_of(options_.password) << '\n';
}

void ImageRegistry::start() {
  program_.start();
  const bool ready =
      eventually(std::chrono::seconds(30), [&] { return !program_.alive() || http_get(port_, "/v2/").status != 0; });
  if (!ready || !program_.alive()) throw std::runtime_error("the registry does not start: " + program_.output());
}

std::string ImageRegistry::address() const {
  return fmt::format("127.0.0.1:{}", port_);
}

std::string ImageRegistry::image(const std::string& name) const {
  return address() + "/" + name;
}

}  // namespace shunt::harness
