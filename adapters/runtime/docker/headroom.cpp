#include "adapters/runtime/docker/headroom.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/local/stream_protocol.hpp>

#include "process/available.hpp"

namespace shunt::adapters::docker {

namespace {

Task<Result<std::int64_t>> whole_memory(Daemon& daemon) {
  auto answer = co_await daemon.ask(Ask("GET", "/info"));
  if (!answer) co_return std::move(answer).error();
  const auto& info = answer->json;
  if (answer->good() && info.is_object() && info.contains("MemTotal") && info["MemTotal"].is_number_integer())
    co_return info["MemTotal"].get<std::int64_t>();
  auto error =
      refusal("SH1434", "cannot see how much memory the engine's machine has", *answer, "look at the engine's log");
  co_return error;
}

Task<Result<std::int64_t>> used_memory(Containers& containers) {
  std::vector<std::string> all;
  auto running = co_await containers.with(std::move(all));
  if (!running) co_return std::move(running).error();
  std::int64_t sum = 0;
  for (const auto& container : *running) {
    std::string id = container.id;
    auto used = co_await containers.memory(std::move(id));
    if (!used) co_return std::move(used).error();
    sum += *used;
  }
  co_return sum;
}

}  // namespace

// The kernel tells the pid of who listens as this process sees it: 0 where it cannot.
bool is_outside(const std::string& unix_socket) {
  asio::io_context loop;
  asio::local::stream_protocol::socket socket(loop);
  asio::error_code failed;
  socket.connect(asio::local::stream_protocol::endpoint(unix_socket), failed);
  if (failed) return false;
  ::ucred peer{};
  ::socklen_t size = sizeof peer;
  return ::getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == 0;
}

Task<Result<std::optional<Headroom>>> headroom_of(Daemon& daemon, Containers& containers) {
  std::optional<Headroom> headroom;
  const auto& host = daemon.host();
  if (host.is_local()) {
    if (host.unix_socket.empty() || !is_outside(host.unix_socket)) co_return headroom;
    headroom.emplace();
    headroom->machine = "the machine of the container engine";
    headroom->memory = process::available_memory();
    co_return headroom;
  }
  auto whole = co_await whole_memory(daemon);
  if (!whole) co_return std::move(whole).error();
  auto used = co_await used_memory(containers);
  if (!used) co_return std::move(used).error();
  headroom.emplace();
  headroom->machine = host.name;
  headroom->memory = std::max<std::int64_t>(0, *whole - *used);
  co_return headroom;
}

}  // namespace shunt::adapters::docker
