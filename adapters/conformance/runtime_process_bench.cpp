#include "adapters/conformance/runtime_process_bench.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "process/posix.hpp"
#include "supervise/witness.hpp"

namespace shunt::conformance {

namespace {

constexpr std::chrono::seconds patience{10};

sockaddr_in loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

std::filesystem::path new_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "shunt-runtime-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
  return name;
}

}  // namespace

/// Secrets out of the bench's own table.
class ProcessBench::Vault : public Secrets {
 public:
  explicit Vault(const std::map<std::string, std::string>& secrets) : secrets_(secrets) {}

  Task<Result<std::string>> read(Value handle) override {
    const auto found = secrets_.find(handle["$secret"].value("env", ""));
    if (found == secrets_.end()) {
      Error error("SH1009", Kind::config, "a secret cannot be read", "set it");
      co_return error;
    }
    co_return found->second;
  }

  void remember(std::string) override {}
  std::string mask(std::string text) const override { return text; }
  Value mask_all(Value value) const override { return value; }

  Task<Result<Value>> reveal(Value value) override {
    for (auto& item : value) {
      if (!is_secret(item)) continue;
      auto secret = co_await read(item);
      if (!secret) co_return std::move(secret).error();
      item = *secret;
    }
    co_return value;
  }

 private:
  const std::map<std::string, std::string>& secrets_;
};

/// A process runtime has no use for HTTP.
class ProcessBench::NoHttp : public http::Client {
 public:
  Task<Result<http::Response>> send(http::Request) override { throw std::logic_error("nothing may be requested here"); }
};

ProcessBench::ProcessBench(const std::filesystem::path& helpers)
    : folder_(new_folder()),
      vault_(std::make_unique<Vault>(secrets)),
      http_(std::make_unique<NoHttp>()),
      spawner_(std::make_unique<process::Posix>()) {
  context_ = std::make_unique<Context>(Context{*http_, *spawner_, *vault_, folder_ / "state", helpers});
  runtime_ = adapters::process_runtime().make(*context_, Value::object());
}

ProcessBench::~ProcessBench() {
  end_all();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void ProcessBench::end_all() {
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "state" / "runtime-process", none)) {
    const auto witness = supervise::read_witness(supervise::Paths{entry.path().string()});
    if (witness) (void)run(runtime_->stop(witness->id, Milliseconds(0)));
  }
}

InstanceSpec ProcessBench::command(const std::string& id, std::vector<std::string> command) {
  InstanceSpec spec;
  spec.id = id;
  spec.labels.app = "shop";
  spec.labels.service = "web";
  spec.labels.version = "v1";
  spec.labels.run = "run-1";
  spec.config = {{"command", std::move(command)}, {"cwd", folder_.string()}, {"restart", "always"}};
  spec.stop_grace = Milliseconds(2'000);
  return spec;
}

std::vector<supervise::Identity> ProcessBench::start_family(const std::string& id) {
  const auto pids = folder_ / "family";
  const auto state = run(runtime_->ensure(command(id, {SHUNT_RUNTIME_INSTANCE, "family", pids.string()})));
  const bool complete = state && eventually([&] { return processes_in(pids).size() == 4; });
  if (!complete) throw std::runtime_error("the family did not come up");
  return processes_in(pids);
}

InstanceSpec ProcessBench::spec(Behaviour behaviour, const std::string& id) {
  const int port = free_port();
  std::vector<std::string> argv;
  switch (behaviour) {
    case Behaviour::serves:
      argv = {SHUNT_RUNTIME_INSTANCE, "listen", std::to_string(port)};
      break;
    case Behaviour::ends_at_once:
    case Behaviour::ends_for_good:
      argv = {"/bin/sh", "-c", "exit 3"};
      break;
    case Behaviour::prints:
      argv = {"/bin/sh", "-c", "for i in 1 2 3 4 5 6 7 8 9 10; do echo line $i; done; exec sleep 1000"};
      break;
    case Behaviour::is_stubborn:
      argv = {"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1; done"};
      break;
    case Behaviour::cannot_start:
      argv = {"shunt-no-such-program"};
      break;
  }
  auto wanted = command(id, std::move(argv));
  wanted.address = fmt::format("127.0.0.1:{}", port);
  if (behaviour == Behaviour::ends_for_good) wanted.config["restart"] = "never";
  return wanted;
}

void ProcessBench::crash(const std::string& id) {
  const auto witness = supervise::read_witness(supervise::Paths{files_of(id).string()});
  if (witness) supervise::send_signal(witness->child, SIGKILL);
}

std::shared_ptr<void> ProcessBench::stranger(const std::string& address) {
  return listen_at(std::stoi(address.substr(address.rfind(':') + 1)));
}

bool ProcessBench::eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(Milliseconds(2));
  }
  return true;
}

int free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), size) == 0;
  const bool told = ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  if (!bound || !told) throw std::runtime_error("no free port on loopback");
  return ntohs(address.sin_port);
}

std::shared_ptr<void> listen_at(int port) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  const int yes = 1;
  ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(server, 1) != 0)
    throw std::runtime_error("cannot listen");
  return std::shared_ptr<void>(nullptr, [server](void*) { ::close(server); });
}

std::vector<supervise::Identity> processes_in(const std::filesystem::path& file) {
  std::vector<supervise::Identity> processes;
  std::istringstream pids(text_in(file));
  for (pid_t pid = 0; pids >> pid;)
    if (const auto entry = supervise::entry_of(pid)) processes.push_back(entry->identity);
  return processes;
}

bool all_gone(const std::vector<supervise::Identity>& processes) {
  return std::none_of(processes.begin(), processes.end(), supervise::is_alive);
}

std::string text_in(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

std::unique_ptr<RuntimeBench> make_process_bench() {
  return std::make_unique<ProcessBench>();
}

}  // namespace shunt::conformance
