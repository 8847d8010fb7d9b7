// What the shop says to each request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace shop {

/// How this version behaves.
struct Behaviour {
  std::string version = "v1";
  std::string color;         ///< label in its metrics
  bool unhealthy = false;    ///< `/health/ready` says 503
  double error_rate = 0;     ///< share of `/` that is answered with 500, 0 to 1 ...
  std::int64_t grace = 50;   ///< ... once this many have been answered well: it passes every smoke test
  std::int64_t latency = 0;  ///< ms before each answer of `/`
};

/// One answer; it is to be sent after `delay` ms.
struct Answer {
  int status = 200;
  std::string body;
  std::string_view type = "text/plain";
  std::int64_t delay = 0;
};

/// The routes, and what they count.
class Answers {
 public:
  explicit Answers(Behaviour behaviour);

  /// `target` is the path with its query: "/slow?ms=20".
  Answer to(std::string_view target);

  const std::string& version() const { return behaviour_.version; }

 private:
  Answer front_page();
  std::string metrics() const;

  Behaviour behaviour_;
  Answer front_;
  std::int64_t requests_ = 0;  // all but probes, scrapes and `/requests`
  std::int64_t errors_ = 0;
  double owed_ = 0;  // errors that the error rate asks for and that have not been given yet
};

}  // namespace shop
