#include "adapters/runtime/listeners.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

namespace shunt::adapters::listening {

namespace {

constexpr const char* head =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

ListeningSocket socket_at(const std::string& hexadecimal, int port) {
  char text[256];
  std::snprintf(text, sizeof text,
                "   0: %s:%04X 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 42 1 x\n",
                hexadecimal.c_str(), static_cast<unsigned>(port));
  const auto sockets = listening_in(std::string(head) + text);
  REQUIRE(sockets.size() == 1);
  return sockets.front();
}

bool answers(const std::string& hexadecimal, const std::string& address) {
  return answers_at(socket_at(hexadecimal, 8080), endpoint_in(address).value());
}

constexpr const char* v6_any = "00000000000000000000000000000000";
constexpr const char* v6_loopback = "00000000000000000000000001000000";
constexpr const char* v6_mapped_loopback = "0000000000000000FFFF00000100007F";

TEST_CASE("a socket listens where the kernel says") {
  const auto socket = socket_at("0100007F", 0x1F90);
  CHECK(socket.port == 8080);
  CHECK(socket.inode == 42);
  CHECK(socket.user == 1000);
}

TEST_CASE("sockets that do not listen are not looked at, nor is nonsense") {
  const std::string listening = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1\n";
  const std::string connected = "   1: 0100007F:1F90 0100007F:1234 01 00000000:00000000 00:00000000 00000000 0 0 2 1\n";
  CHECK(listening_in(head + listening + connected).size() == 1);
  CHECK(listening_in(head + listening + listening).size() == 2);
  CHECK(listening_in(head + connected + listening).empty());
  CHECK(listening_in(head).empty());
  CHECK(listening_in("").empty());
  CHECK(listening_in("no line at all").empty());
  CHECK(listening_in(std::string(head) + "   0: 0100:1F90 x 0A 0 0 0 0 0 7\n").empty());
  CHECK(listening_in(std::string(head) + "   0: 0100007F:XYZ x 0A 0 0 0 0 0 7\n").empty());
  CHECK(listening_in(std::string(head) + listening.substr(0, listening.size() / 2)).empty());
}

TEST_CASE("an address is reached by its own and by unspecified sockets") {
  CHECK(answers("0100007F", "127.0.0.1:8080"));
  CHECK(answers("00000000", "127.0.0.1:8080"));
  CHECK(answers(v6_any, "127.0.0.1:8080"));
  CHECK(answers(v6_mapped_loopback, "127.0.0.1:8080"));
  CHECK_FALSE(answers("0200007F", "127.0.0.1:8080"));
  CHECK_FALSE(answers(v6_loopback, "127.0.0.1:8080"));
  CHECK_FALSE(answers("0100007F", "127.0.0.1:8081"));
  CHECK(answers(v6_loopback, "[::1]:8080"));
  CHECK_FALSE(answers("0100007F", "[::1]:8080"));
}

TEST_CASE("localhost is both loopbacks, and what is no number may be anywhere") {
  CHECK(answers("0100007F", "localhost:8080"));
  CHECK(answers(v6_loopback, "localhost:8080"));
  CHECK_FALSE(answers("0200007F", "localhost:8080"));
  for (const char* any : {"0.0.0.0:8080", "[::]:8080", ":8080", "*:8080", "web.example:8080"})
    CHECK(answers("0200007F", any));
}

TEST_CASE("an address without a port is none") {
  for (const char* wrong :
       {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:-1"})
    CHECK_FALSE(endpoint_in(wrong).has_value());
  CHECK(endpoint_in("h:65535")->port == 65535);
}

}  // namespace

}  // namespace shunt::adapters::listening
