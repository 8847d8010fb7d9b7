// A small shop that can be told how to fail. See README.md.
#include <CLI/CLI.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "answers.hpp"
#include "connection.hpp"

namespace shop {

namespace {

struct Options {
  std::string host = "127.0.0.1";
  int port = 0;
  Behaviour behaviour;
  std::int64_t start_delay = 0;
  std::optional<std::int64_t> crash_after;
  std::optional<int> exit_code;
  std::string log_line;
};

void declare(CLI::App& cli, Options& options) {
  cli.add_option("--host", options.host, "Address to listen on: 0.0.0.0 inside a container")
      ->check(CLI::ValidIPV4)
      ->capture_default_str();
  cli.add_option("--port", options.port, "Port to listen on")->required();
  cli.add_option("--version", options.behaviour.version, "What it calls itself")->required();
  cli.add_option("--color", options.behaviour.color, "Label of its metrics");
  cli.add_option("--start-delay", options.start_delay, "ms before it listens");
  cli.add_flag("--unhealthy", options.behaviour.unhealthy, "/health/ready says 503");
  cli.add_option("--error-rate-after-traffic", options.behaviour.error_rate, "Share of / answered with 500")
      ->check(CLI::Range(0.0, 1.0));
  cli.add_option("--traffic", options.behaviour.grace, "Good answers of / before the first error")
      ->capture_default_str();
  cli.add_option("--latency", options.behaviour.latency, "ms before each answer of /");
  cli.add_option("--crash-after", options.crash_after, "ms until it aborts, or exits with --exit");
  cli.add_option("--exit", options.exit_code, "Exit with this code; at once without --crash-after");
  cli.add_option("--log-line", options.log_line, "Printed when it starts");
}

class Server {
 public:
  explicit Server(const Options& options) : options_(options), answers_(options.behaviour) {}

  void run() {
    stop_.async_wait([this](std::error_code error, int) {
      if (!error) end();
    });
    start_.expires_after(std::chrono::milliseconds(options_.start_delay));
    start_.async_wait([this](std::error_code error) {
      if (!error) listen();
    });
    if (options_.crash_after) crash_later();
    loop_.run();
  }

 private:
  void listen() {
    const asio::ip::tcp::endpoint address(asio::ip::make_address(options_.host),
                                          static_cast<std::uint16_t>(options_.port));
    acceptor_.open(address.protocol());
    acceptor_.set_option(asio::socket_base::reuse_address(true));
    acceptor_.bind(address);
    acceptor_.listen(4096);
    accept();
  }

  void accept() {
    acceptor_.async_accept([this](std::error_code error, asio::ip::tcp::socket socket) {
      if (!error) std::make_shared<Connection>(std::move(socket), connections_)->read();
      if (acceptor_.is_open()) accept();
    });
  }

  void crash_later() {
    crash_.expires_after(std::chrono::milliseconds(*options_.crash_after));
    crash_.async_wait([this](std::error_code error) {
      if (error) return;
      if (options_.exit_code) std::_Exit(*options_.exit_code);
      std::abort();
    });
  }

  // The loop runs out of work, and so the program ends, when the last answer is sent.
  void end() {
    acceptor_.close();
    start_.cancel();
    crash_.cancel();
    connections_.close();
  }

  const Options& options_;
  Answers answers_;
  Connections connections_{answers_};
  asio::io_context loop_{1};  // after the connections: its handlers own them
  asio::ip::tcp::acceptor acceptor_{loop_};
  asio::steady_timer start_{loop_};
  asio::steady_timer crash_{loop_};
  asio::signal_set stop_{loop_, SIGTERM, SIGINT};
};

int main(int argc, char** argv) {
  CLI::App cli("A small shop that can be told how to fail");
  Options options;
  declare(cli, options);
  CLI11_PARSE(cli, argc, argv);
  if (!options.log_line.empty()) std::fprintf(stdout, "%s\n", options.log_line.c_str());
  std::fflush(stdout);
  if (options.exit_code && !options.crash_after) return *options.exit_code;
  try {
    Server(options).run();
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "the shop on port %d: %s\n", options.port, problem.what());
    return 1;
  }
  return 0;
}

}  // namespace

}  // namespace shop

int main(int argc, char** argv) {
  return shop::main(argc, argv);
}
