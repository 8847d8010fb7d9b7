// A program for instances to run in tests: listens, leaves children behind, and does as it is told.
//
//   runtime_instance listen PORT [ADDRESS]     listens until it is ended
//   runtime_instance listen-below PORT         a child of it does
//   runtime_instance family FILE               has children that ignore TERM, HUP and INT: in its group, in a group of
//   their
//                                              own, in sessions of their own, and without a living parent; writes their
//                                              pids to FILE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string>

namespace {

void listen_at(int port, const char* host) {
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  ::setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  ::inet_pton(AF_INET, host, &address.sin_addr);
  if (::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(server, 16) != 0) {
    std::perror("runtime_instance: cannot listen");
    std::exit(98);
  }
}

[[noreturn]] void stay() {
  while (true) ::pause();
}

void be_stubborn() {
  for (const int number : {SIGTERM, SIGHUP, SIGINT}) ::signal(number, SIG_IGN);
}

/// Forks a child that prepares, tells its pid, and stays.
void have_child(std::FILE* pids, const std::function<void()>& prepare) {
  if (::fork() != 0) return;
  be_stubborn();
  prepare();
  std::fprintf(pids, "%d\n", static_cast<int>(::getpid()));
  std::fflush(pids);
  stay();
}

void have_family(const char* path) {
  std::FILE* pids = std::fopen(path, "ae");
  if (pids == nullptr) std::exit(2);
  have_child(pids, [] {});
  have_child(pids, [] { ::setpgid(0, 0); });
  have_child(pids, [] { ::setsid(); });
  have_child(pids, [] {
    ::setsid();
    if (::fork() != 0) ::_exit(0);
  });
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  const std::string mode = arguments[1];
  if (mode == "listen") listen_at(std::atoi(arguments[2]), count > 3 ? arguments[3] : "127.0.0.1");
  if (mode == "listen-below" && ::fork() == 0) listen_at(std::atoi(arguments[2]), "127.0.0.1");
  if (mode == "family") have_family(arguments[2]);
  stay();
}
