// Ten thousand HTTP probes at once: this client against a bare libcurl loop, in one run.
//
//     bench_probes [PROBES [ROUNDS]]
//
// A server in a process of its own answers only when all probes of a round have arrived, so that they are at once
// indeed. Each loop runs in a fresh process; the best of several turns counts. Ends 1 when a budget is missed.
#include <curl/curl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "http/multi.hpp"
#include "loop/all.hpp"
#include "loop/run.hpp"

namespace {

using Clock = std::chrono::steady_clock;

constexpr double least_throughput = 0.8;
constexpr double most_memory = 1.3;
constexpr int turns = 3;
constexpr int addresses = 16;  // 127.0.0.1 …: one alone would run out of local ports
constexpr long patience_ms = 60'000;
constexpr long receive_buffer = 1024;

void check(bool good, const char* what) {
  if (!good) throw std::runtime_error(fmt::format("{}: {}", what, std::strerror(errno)));
}

// --- the server

sockaddr_in address_of(int index, int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + static_cast<std::uint32_t>(index));
  return address;
}

int listen_on(int index, int& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int yes = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  auto address = address_of(index, port);
  check(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "bind");
  check(::listen(listener, SOMAXCONN) == 0, "listen");
  socklen_t size = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return listener;
}

/// Answers each time that `crowd` requests are waiting.
class Server {
 public:
  Server(const std::vector<int>& listeners, std::size_t crowd) : crowd_(crowd) {
    set_ = ::epoll_create1(0);
    for (const int listener : listeners) add(listener);
    last_listener_ = *std::max_element(listeners.begin(), listeners.end());
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 512> events;
    for (;;) {
      const int count = ::epoll_wait(set_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) serve(events.at(static_cast<std::size_t>(i)).data.fd);
    }
  }

 private:
  void add(int socket) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(set_, EPOLL_CTL_ADD, socket, &event);
  }

  void serve(int socket) {
    if (socket <= last_listener_) {  // peers come after them
      for (int peer; (peer = ::accept4(socket, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) add(peer);
      return;
    }
    std::array<char, 1024> buffer;
    const auto size = ::recv(socket, buffer.data(), buffer.size(), 0);
    if (size <= 0) {
      ::close(socket);
      return;
    }
    waiting_.push_back(socket);  // a probe fits into one segment
    if (waiting_.size() < crowd_) return;
    static constexpr std::string_view answer =
        "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nX-Version: v2\r\nContent-Length: "
        "3\r\n\r\nok\n";
    for (const int peer : waiting_) (void)!::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
    waiting_.clear();
  }

  int last_listener_ = 0;
  std::size_t crowd_;
  int set_;
  std::vector<int> waiting_;
};

struct Forked {
  pid_t pid;
  int port;
};

Forked fork_server(std::size_t crowd) {
  int port = 0;
  std::vector<int> listeners;
  for (int i = 0; i < addresses; ++i) listeners.push_back(listen_on(i, port));
  const pid_t pid = ::fork();
  check(pid >= 0, "fork");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Server(listeners, crowd).run();
  }
  for (const int listener : listeners) ::close(listener);
  return {pid, port};
}

// --- what both loops are given and give

struct Job {
  std::size_t probes;
  int rounds;
  int port;

  std::string url(std::size_t number) const {
    return fmt::format("http://127.0.0.{}:{}/health/ready", number % addresses + 1, port);
  }
};

struct Measure {
  double rate = 0;  ///< probes per second
  double cpu_us_per_probe = 0;
  double bytes_per_probe = 0;
};

double memory(const char* key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(key)) return std::stod(line.substr(line.find(':') + 1)) * 1024;
  return 0;
}

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Times `round`, which gives the number of probes that were answered 200.
template <typename Round>
Measure measure(const Job& job, double before, Round round) {
  const double cpu_before = cpu_seconds();
  const auto begin = Clock::now();
  for (int i = 0; i < job.rounds; ++i)
    if (round() != job.probes) throw std::runtime_error("not every probe was answered");
  const std::chrono::duration<double> took = Clock::now() - begin;
  const auto probes = static_cast<double>(job.probes);
  const double total = probes * job.rounds;
  return {total / took.count(), (cpu_seconds() - cpu_before) * 1e6 / total, (memory("VmHWM") - before) / probes};
}

// --- a bare libcurl loop: multi_socket and epoll, handles made once, bodies thrown away

class Bare {
 public:
  explicit Bare(const Job& job) : job_(job), set_(::epoll_create1(0)), multi_(curl_multi_init()) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Bare::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Bare::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  }

  std::size_t round() {
    make_handles();
    for (CURL* easy : handles_) curl_multi_add_handle(multi_, easy);
    std::size_t left = handles_.size();
    std::size_t good = 0;
    std::array<epoll_event, 256> events;
    while (left > 0) {
      const int count = ::epoll_wait(set_, events.data(), static_cast<int>(events.size()), static_cast<int>(wait_));
      int running = 0;
      if (count == 0) curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
      for (int i = 0; i < count; ++i) {
        const auto& event = events.at(static_cast<std::size_t>(i));
        const int mask = ((event.events & (EPOLLIN | EPOLLHUP)) != 0 ? CURL_CSELECT_IN : 0) |
                         ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0);
        curl_multi_socket_action(multi_, event.data.fd, mask, &running);
      }
      int queued = 0;
      while (const CURLMsg* message = curl_multi_info_read(multi_, &queued)) {
        CURL* easy = message->easy_handle;
        long status = 0;
        if (message->data.result == CURLE_OK) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        curl_multi_remove_handle(multi_, easy);
        good += status == 200 ? 1 : 0;
        --left;
      }
    }
    return good;
  }

 private:
  void make_handles() {
    for (std::size_t i = handles_.size(); i < job_.probes; ++i) {
      CURL* easy = curl_easy_init();
      curl_easy_setopt(easy, CURLOPT_URL, job_.url(i).c_str());
      curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
      curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, receive_buffer);
      curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, patience_ms);
      curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Bare::on_body);
      curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
      curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
      handles_.push_back(easy);
    }
  }

  static std::size_t on_body(char*, std::size_t unit, std::size_t count, void*) { return unit * count; }

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
    auto& bare = *static_cast<Bare*>(self);
    if (what == CURL_POLL_REMOVE) return ::epoll_ctl(bare.set_, EPOLL_CTL_DEL, socket, nullptr), 0;
    epoll_event event{};
    event.events = ((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0U) | ((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0U);
    event.data.fd = socket;
    ::epoll_ctl(bare.set_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
    curl_multi_assign(bare.multi_, socket, self);
    return 0;
  }

  static int on_timer(CURLM*, long milliseconds, void* self) {
    static_cast<Bare*>(self)->wait_ = milliseconds;
    return 0;
  }

  Job job_;
  int set_;
  CURLM* multi_;
  std::vector<CURL*> handles_;
  long wait_ = -1;
};

Measure run_bare(const Job& job) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  Bare bare(job);
  return measure(job, memory("VmRSS"), [&bare] { return bare.round(); });
}

// --- the client of this project

shunt::Task<bool> probe(shunt::http::Multi* client, std::string url) {
  shunt::http::Request request(std::move(url));
  request.timeout = shunt::Milliseconds(patience_ms);
  request.fresh_connection = true;
  auto result = co_await client->send(std::move(request));
  co_return result && result->status == 200;
}

Measure run_multi(const Job& job) {
  curl_global_init(CURL_GLOBAL_DEFAULT);  // as above, so that `before` is the same
  asio::io_context io;
  shunt::http::Multi client(io);
  return measure(job, memory("VmRSS"), [&] {
    std::vector<shunt::Task<bool>> probes;
    probes.reserve(job.probes);
    for (std::size_t i = 0; i < job.probes; ++i) probes.push_back(probe(&client, job.url(i)));
    const auto answers = shunt::loop::run(io, shunt::loop::all(std::move(probes)));
    return static_cast<std::size_t>(std::count(answers.begin(), answers.end(), true));
  });
}

// --- comparing them

/// Runs one loop in a process of its own, so that neither pays for the other's memory.
Measure in_own_process(const char* self, const std::string& loop, const Job& job) {
  const auto command = fmt::format("'{}' --as {} {} {} {}", self, loop, job.probes, job.rounds, job.port);
  FILE* output = ::popen(command.c_str(), "r");
  check(output != nullptr, "popen");
  Measure result;
  const int read = std::fscanf(output, "%lf %lf %lf", &result.rate, &result.cpu_us_per_probe, &result.bytes_per_probe);
  if (::pclose(output) != 0 || read != 3) throw std::runtime_error("the " + loop + " loop failed");
  return result;
}

bool compare(const char* self, const Job& job) {
  Measure bare{0, 1e18, 1e18};
  Measure multi = bare;
  const auto keep_best = [](Measure& best, const Measure& now) {
    best.rate = std::max(best.rate, now.rate);
    best.cpu_us_per_probe = std::min(best.cpu_us_per_probe, now.cpu_us_per_probe);
    best.bytes_per_probe = std::min(best.bytes_per_probe, now.bytes_per_probe);
  };
  for (int turn = 0; turn < turns; ++turn) {
    keep_best(bare, in_own_process(self, "bare", job));
    keep_best(multi, in_own_process(self, "multi", job));
  }
  const double throughput = multi.rate / bare.rate;
  const double memory_ratio = multi.bytes_per_probe / bare.bytes_per_probe;
  const bool kept = throughput >= least_throughput && memory_ratio <= most_memory;
  fmt::print("{} probes at once, each on a connection of its own\n", job.probes);
  const auto print = [](const char* name, const Measure& one) {
    fmt::print("  {:18} {:7.0f} probes/s  {:5.1f} us of processor  {:5.2f} KB a probe\n", name, one.rate,
               one.cpu_us_per_probe, one.bytes_per_probe / 1000);
  };
  print("bare libcurl loop", bare);
  print("http::Multi", multi);
  fmt::print("  throughput {:.2f} (at least {}), memory {:.2f} (at most {}): {}\n", throughput, least_throughput,
             memory_ratio, most_memory, kept ? "kept" : "MISSED");
  fmt::print("least throughput_to_bare_libcurl {:.2f} {}\nratio memory_to_bare_libcurl {:.2f} {}\n", throughput,
             least_throughput, memory_ratio, most_memory);
  return kept;
}

int run_as(const std::string& loop, const Job& job) {
  const auto result = loop == "bare" ? run_bare(job) : run_multi(job);
  fmt::print("{} {} {}\n", result.rate, result.cpu_us_per_probe, result.bytes_per_probe);
  return 0;
}

int run_bench(const char* self, Job job) {
  const auto server = fork_server(job.probes);
  job.port = server.port;
  const bool kept = compare(self, job);
  ::kill(server.pid, SIGKILL);
  ::waitpid(server.pid, nullptr, 0);
  return kept ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() == 5 && words[0] == "--as")
      return run_as(words[1], {std::stoul(words[2]), std::stoi(words[3]), std::stoi(words[4])});
    const Job job{words.empty() ? 10'000 : std::stoul(words[0]), words.size() < 2 ? 3 : std::stoi(words[1]), 0};
    return run_bench(argv[0], job);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_probes: {}\n", error.what());
    return 2;
  }
}
