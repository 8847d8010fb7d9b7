// A drain ends when the last request does, not when its limit is over: from the end of that request to the stop of the
// old version, beside the one second for which nothing may be in flight.
#include <fmt/format.h>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>

#include "bench/numbers.hpp"
#include "e2e/site.hpp"

using namespace shunt;
using namespace shunt::bench;
using namespace std::chrono_literals;

namespace {

constexpr int rounds = 5;
constexpr int request_ms = 3'000;

/// A request that the old version answers while the new one takes over.
class LastRequest {
 public:
  explicit LastRequest(std::string url) : thread_([this, url = std::move(url)] { ask(url); }) {}
  ~LastRequest() {
    if (thread_.joinable()) thread_.join();
  }

  /// When its answer was there. Throws std::runtime_error when it was lost.
  Clock::time_point ended() {
    thread_.join();
    if (status_ != 200) throw std::runtime_error(fmt::format("the last request was answered with {}", status_));
    return ended_;
  }

 private:
  void ask(const std::string& url) {
    status_ = harness::http_get(url, {}, 30s).status;
    ended_ = Clock::now();
  }

  int status_ = 0;
  Clock::time_point ended_;
  std::thread thread_;
};

double ms_after_last_request(e2e::Site& site, int round) {
  const auto count = site.shops().size();
  LastRequest last(site.url(fmt::format("/slow?ms={}", request_ms)));
  std::this_thread::sleep_for(100ms);
  auto running = site.start({"deploy", fmt::format("v{}", round + 2)});
  if (!harness::eventually(20s, [&] { return site.shops().size() > count; })) throw std::runtime_error("no new one");
  if (!harness::eventually(
          60s, [&] { return site.shops().size() == count; }, 5ms))
    throw std::runtime_error("the old one was not stopped: " + running.output());
  const auto stopped = Clock::now();
  const auto exit = running.wait(20s);
  if (!exit || exit->code != 0) throw std::runtime_error(running.output());
  return ms_between(last.ended(), stopped);
}

}  // namespace

int main() {
  try {
    e2e::SiteOptions options;
    options.drain = "60s";
    e2e::Site site(options);
    if (const auto first = site.shunt({"deploy", "v1"}); first.code != 0) throw std::runtime_error(first.text());
    std::vector<double> times;
    for (int i = 0; i < rounds; ++i) times.push_back(ms_after_last_request(site, i));
    fmt::print("from the end of the last request to the end of the old version, ms: {}\n", shown(times));
    at_most("ms_after_last_request", worst(times), 1'600);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_drain: {}\n", error.what());
    return 2;
  }
}
