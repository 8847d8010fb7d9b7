#include "adapters/runtime/socket_diag.hpp"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>

namespace shunt::adapters::listening {

namespace {

constexpr std::uint32_t only_listening = 1U << 10;  ///< the kernel's number of the state LISTEN

struct Question {
  nlmsghdr header{};
  inet_diag_req_v2 request{};
};

bool ask(int netlink, int family) {
  Question question;
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.request.sdiag_family = static_cast<std::uint8_t>(family);
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = only_listening;
  return ::send(netlink, &question, sizeof question, 0) == static_cast<ssize_t>(sizeof question);
}

ListeningSocket socket_in(const inet_diag_msg& message) {
  ListeningSocket socket;
  socket.inode = message.idiag_inode;
  socket.user = message.idiag_uid;
  socket.port = ntohs(message.id.idiag_sport);
  if (message.idiag_family == AF_INET6) {
    std::memcpy(socket.address.data(), message.id.idiag_src, 16);
  } else {
    socket.address[10] = socket.address[11] = 0xff;
    std::memcpy(socket.address.data() + 12, message.id.idiag_src, 4);
  }
  return socket;
}

enum class Part { more, last, unusable };

// One datagram of the answer. A dump that was interrupted may have left sockets out.
Part take(const char* bytes, std::size_t size, std::vector<ListeningSocket>& sockets) {
  nlmsghdr header{};
  for (std::size_t at = 0; at + sizeof header <= size; at += NLMSG_ALIGN(header.nlmsg_len)) {
    std::memcpy(&header, bytes + at, sizeof header);
    if (header.nlmsg_len < sizeof header || at + header.nlmsg_len > size) return Part::unusable;
    if (header.nlmsg_type == NLMSG_ERROR || (header.nlmsg_flags & NLM_F_DUMP_INTR) != 0) return Part::unusable;
    if (header.nlmsg_type == NLMSG_DONE) return Part::last;
    inet_diag_msg message{};
    if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY || header.nlmsg_len < NLMSG_HDRLEN + sizeof message) continue;
    std::memcpy(&message, bytes + at + NLMSG_HDRLEN, sizeof message);
    sockets.push_back(socket_in(message));
  }
  return Part::more;
}

bool read_family(int netlink, int family, std::vector<ListeningSocket>& sockets) {
  std::array<char, 32 * 1024> buffer{};
  if (!ask(netlink, family)) return false;
  for (;;) {
    const auto got = ::recv(netlink, buffer.data(), buffer.size(), MSG_TRUNC);
    if (got <= 0 || static_cast<std::size_t>(got) > buffer.size()) return false;
    const auto part = take(buffer.data(), static_cast<std::size_t>(got), sockets);
    if (part != Part::more) return part == Part::last;
  }
}

}  // namespace

std::optional<std::vector<ListeningSocket>> listening_sockets() {
  const int netlink = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  if (netlink < 0) return std::nullopt;
  std::vector<ListeningSocket> sockets;
  const bool complete = read_family(netlink, AF_INET, sockets) && read_family(netlink, AF_INET6, sockets);
  ::close(netlink);
  if (!complete) return std::nullopt;
  return sockets;
}

}  // namespace shunt::adapters::listening
