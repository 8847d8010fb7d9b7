#include "adapters/runtime/listeners.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <algorithm>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <charconv>
#include <cstring>
#include <memory>
#include <set>

#include "adapters/runtime/socket_diag.hpp"

namespace shunt::adapters::listening {

namespace {

using Inodes = std::set<std::uint64_t>;

constexpr Address any_v6 = {};
constexpr Address any_v4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr Address loopback_v4 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1};
constexpr Address loopback_v6 = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

template <typename Number>
std::optional<Number> number_in(std::string_view text, int base) {
  Number number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The kernel prints addresses as 32-bit words of the machine's own byte order.
std::optional<Address> address_in(std::string_view hexadecimal) {
  if (hexadecimal.size() != 8 && hexadecimal.size() != 32) return std::nullopt;
  Address address = any_v4;
  auto* at = address.data() + (hexadecimal.size() == 8 ? 12 : 0);
  for (; !hexadecimal.empty(); hexadecimal.remove_prefix(8), at += 4) {
    const auto word = number_in<std::uint32_t>(hexadecimal.substr(0, 8), 16);
    if (!word) return std::nullopt;
    std::memcpy(at, &*word, 4);
  }
  return address;
}

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const auto word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

/// "  0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000  0 34567 1 ..."
std::optional<ListeningSocket> listening_on(std::string_view line) {
  next_word(line);
  const auto local = next_word(line);
  next_word(line);
  if (next_word(line) != "0A") return std::nullopt;
  for (int skipped = 0; skipped < 3; ++skipped) next_word(line);
  const auto user = number_in<unsigned>(next_word(line), 10);
  next_word(line);
  const auto inode = number_in<std::uint64_t>(next_word(line), 10);
  const auto colon = local.find(':');
  if (colon == std::string_view::npos || !user || !inode) return std::nullopt;
  const auto address = address_in(local.substr(0, colon));
  const auto port = number_in<int>(local.substr(colon + 1), 16);
  if (!address || !port) return std::nullopt;
  ListeningSocket socket;
  socket.inode = *inode;
  socket.address = *address;
  socket.port = *port;
  socket.user = *user;
  return socket;
}

/// The file up to the first socket that does not listen: the tables of a busy machine are megabytes long.
std::string listening_part_of(const char* path) {
  std::string table;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return table;
  std::array<char, 16384> part{};
  while (true) {
    const auto count = ::read(file, part.data(), part.size());
    if (count <= 0) break;
    table.append(part.data(), static_cast<std::size_t>(count));
    const auto last_line = table.rfind('\n', table.size() - 2);
    if (last_line != std::string::npos && !listening_on(std::string_view(table).substr(last_line + 1))) break;
  }
  ::close(file);
  return table;
}

std::vector<ListeningSocket> all_in_proc() {
  std::vector<ListeningSocket> all;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"})
    for (const auto& socket : listening_in(listening_part_of(path))) all.push_back(socket);
  return all;
}

std::vector<ListeningSocket> sockets_at(const Endpoint& endpoint) {
  std::vector<ListeningSocket> found;
  auto all = listening_sockets();
  if (!all) all = all_in_proc();
  for (const auto& socket : *all)
    if (answers_at(socket, endpoint)) found.push_back(socket);
  return found;
}

/// Those of `wanted` that the process has open.
Inodes open_in(pid_t pid, const Inodes& wanted) {
  Inodes found;
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(folder.c_str()), ::closedir);
  if (!entries) return found;
  std::array<char, 64> target{};
  while (const dirent* entry = ::readdir(entries.get())) {
    const auto length = ::readlinkat(::dirfd(entries.get()), entry->d_name, target.data(), target.size());
    std::string_view text(target.data(), static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
    if (!text.starts_with("socket:[") || !text.ends_with("]")) continue;
    const auto inode = number_in<std::uint64_t>(text.substr(8, text.size() - 9), 10);
    if (inode && wanted.contains(*inode)) found.insert(*inode);
  }
  return found;
}

void remove_open_in(const std::vector<pid_t>& processes, Inodes& inodes) {
  for (const pid_t pid : processes) {
    if (inodes.empty()) return;
    for (const auto inode : open_in(pid, inodes)) inodes.erase(inode);
  }
}

/// "name (pid N)" of a process that has one of `inodes` open; "" when none can be seen.
Task<std::string> holder_of(Inodes inodes) {
  constexpr std::size_t slice = 32;
  const auto executor = co_await asio::this_coro::executor;
  const auto pids = supervise::all_pids();
  std::string who;
  for (std::size_t i = 0; i < pids.size() && who.empty(); ++i) {
    const auto entry = open_in(pids[i], inodes).empty() ? std::nullopt : supervise::entry_of(pids[i]);
    if (entry) who = fmt::format("{} (pid {})", entry->name, pids[i]);
    if (i % slice == slice - 1) co_await asio::post(executor, asio::use_awaitable);
  }
  co_return who;
}

}  // namespace

std::optional<Endpoint> endpoint_in(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto port = number_in<int>(std::string_view(address).substr(colon + 1), 10);
  if (!port || *port < 1 || *port > 65535) return std::nullopt;
  std::string host = address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  Endpoint endpoint;
  endpoint.port = *port;
  Address v4 = any_v4;
  Address v6{};
  if (host == "localhost") {
    endpoint.hosts = {loopback_v4, loopback_v6};
  } else if (::inet_pton(AF_INET, host.c_str(), v4.data() + 12) == 1) {
    if (v4 != any_v4) endpoint.hosts = {v4};
  } else if (::inet_pton(AF_INET6, host.c_str(), v6.data()) == 1) {
    if (v6 != any_v6) endpoint.hosts = {v6};
  }
  return endpoint;
}

std::vector<ListeningSocket> listening_in(std::string_view table) {
  std::vector<ListeningSocket> sockets;
  table.remove_prefix(std::min(table.find('\n'), table.size() - (table.empty() ? 0 : 1)) + (table.empty() ? 0 : 1));
  while (!table.empty()) {
    const auto line = table.substr(0, table.find('\n'));
    const auto socket = listening_on(line);
    if (!socket) break;
    sockets.push_back(*socket);
    table.remove_prefix(std::min(line.size() + 1, table.size()));
  }
  return sockets;
}

bool answers_at(const ListeningSocket& socket, const Endpoint& endpoint) {
  if (socket.port != endpoint.port) return false;
  if (endpoint.hosts.empty() || socket.address == any_v4 || socket.address == any_v6) return true;
  return std::find(endpoint.hosts.begin(), endpoint.hosts.end(), socket.address) != endpoint.hosts.end();
}

pid_t program_at(const Endpoint& endpoint) {
  Inodes inodes;
  for (const auto& socket : sockets_at(endpoint)) inodes.insert(socket.inode);
  if (inodes.empty()) return 0;
  std::set<pid_t> holders;
  for (const auto pid : supervise::all_pids())
    if (!open_in(pid, inodes).empty()) holders.insert(pid);
  for (const auto pid : holders) {
    const auto entry = supervise::entry_of(pid);
    if (entry && !holders.contains(entry->parent)) return pid;
  }
  return 0;
}

Task<Listener> who_listens(Endpoint endpoint, Ours ours) {
  Listener listener;
  const auto sockets = sockets_at(endpoint);
  listener.present = !sockets.empty();
  Inodes strangers;
  for (const auto& socket : sockets) strangers.insert(socket.inode);
  remove_open_in(ours.likely, strangers);
  if (!strangers.empty() && ours.all) remove_open_in(ours.all(), strangers);
  listener.ours = listener.present && strangers.empty();
  if (strangers.empty()) co_return listener;
  listener.who = co_await holder_of(strangers);
  if (listener.who.empty()) listener.who = fmt::format("a process of user {}", sockets.front().user);
  co_return listener;
}

}  // namespace shunt::adapters::listening
