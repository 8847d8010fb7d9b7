#include "harness/container_engine.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>
#include <signal.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "harness/eventually.hpp"
#include "harness/unix_socket.hpp"

namespace shunt::harness {

namespace {

// The network is entered before the first member is made that belongs to it.
std::filesystem::path prepared(const std::filesystem::path& folder) {
  enter_own_network();
  std::filesystem::create_directories(folder / "client");
  return folder;
}

std::string base64(const std::string& text) {
  std::string encoded(text.size() * 2 + 4, '\0');
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()), bytes, static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

}  // namespace

ContainerEngine::ContainerEngine(const TemporaryFolder& parent, const std::string& folder, std::string name)
    : name_(std::move(name)), folder_(prepared(parent / folder)), enclosure_(folder_), program_(Command{}) {}

ContainerEngine::~ContainerEngine() {
  kill();
}

void ContainerEngine::start_as(const std::vector<std::string>& argv, const std::map<std::string, std::string>& env) {
  program_ = Program({enclosure_.command(argv), env});
  start();
}

bool ContainerEngine::answers() const {
  try {
    return ask_socket(socket(), "GET /_ping HTTP/1.0\r\n\r\n").find(" 200 OK\r\n") != std::string::npos;
  } catch (const std::runtime_error&) {
    return false;
  }
}

void ContainerEngine::start() {
  std::filesystem::remove(folder_ / "pid");  // of a killed one, whose number another process may have by now
  program_.start();
  const bool ready = eventually(
      std::chrono::seconds(60), [&] { return !program_.alive() || answers(); }, std::chrono::milliseconds(20));
  if (!ready || !program_.alive()) throw std::runtime_error(name_ + " does not start: " + program_.output());
}

// What is signalled is the daemon itself, and not the process that waits for it outside the enclosure: that one stops
// when the daemon is stopped, and takes note of nothing before it is told to go on.
void ContainerEngine::signal(int number) {
  const auto daemon = program_.alive() ? child_of(program_.pid()) : -1;
  if (daemon > 0) ::kill(daemon, number);
  if (number != SIGSTOP) program_.signal(SIGCONT);
}

void ContainerEngine::stop() {
  signal(SIGTERM);
  if (!program_.wait(std::chrono::seconds(60)))
    throw std::runtime_error(name_ + " does not stop: " + program_.output());
  kill();
}

void ContainerEngine::restart() {
  stop();
  start();
}

// The kernel tells the helpers of dockerd that it has ended.
void ContainerEngine::kill() {
  signal(SIGKILL);
  program_.wait(std::chrono::seconds(5));
  program_.kill();
  eventually(std::chrono::seconds(5),
             [&] { return processes("containerd").empty() && processes("docker-proxy").empty(); });
}

void ContainerEngine::freeze() {
  signal(SIGSTOP);
}

void ContainerEngine::thaw() {
  signal(SIGCONT);
}

std::map<std::string, std::string> ContainerEngine::environment() const {
  return {{"DOCKER_HOST", host()},   {"CONTAINER_HOST", host()}, {"DOCKER_CONFIG", folder_ / "client"},
          {"DOCKER_CONTEXT", ""},    {"DOCKER_TLS_VERIFY", ""},  {"DOCKER_CERT_PATH", ""},
          {"DOCKER_API_VERSION", ""}};
}

Ran ContainerEngine::run(const std::vector<std::string>& argv, std::chrono::milliseconds limit) const {
  return harness::run({argv, environment()}, limit);
}

Ran ContainerEngine::inside(const std::vector<std::string>& argv) const {
  return harness::run({enclosure_.command(argv)});
}

std::string ContainerEngine::output_of(const std::string& client, const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv = {client};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto ran = run(argv);
  if (ran.code() != 0) throw std::runtime_error(fmt::format("{}: {}", fmt::join(argv, " "), ran.output()));
  while (ran.out.ends_with('\n')) ran.out.pop_back();
  return ran.out;
}

void ContainerEngine::import_image(const Image& image) const {
  const auto tar = pack(image, folder_);
  const auto ran = run(import_command({"docker"}, image, tar));
  std::filesystem::remove(tar);
  if (ran.code() != 0)
    throw std::runtime_error(fmt::format("{} does not take the image {}: {}", name_, image.name, ran.output()));
}

void ContainerEngine::log_in(const std::string& registry, const std::string& user, const std::string& password) const {
  const nlohmann::json configuration = {{"auths", {{registry, {{"auth", base64(user + ":" + password)}}}}}};
  std::ofstream(folder_ / "client/config.json", std::ios::trunc) << configuration.dump(2) << '\n';
}

}  // namespace shunt::harness
