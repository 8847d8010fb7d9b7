#include "answers.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace shop {

namespace {

std::int64_t milliseconds_in(std::string_view target) {
  constexpr std::string_view key = "ms=";
  const auto at = target.find(key);
  std::int64_t value = 0;
  if (at != std::string_view::npos)
    std::from_chars(target.data() + at + key.size(), target.data() + target.size(), value);
  return value;
}

}  // namespace

Answers::Answers(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
  front_.body = "Shop " + behaviour_.version + "\n";
  front_.delay = behaviour_.latency;
}

Answer Answers::to(std::string_view target) {
  const auto path = target.substr(0, target.find('?'));
  if (path == "/") return front_page();
  if (path == "/health/ready")
    return behaviour_.unhealthy ? Answer{503, "not ready\n", "text/plain", 0} : Answer{200, "ready\n", "text/plain", 0};
  if (path == "/metrics") return {200, metrics(), "text/plain; version=0.0.4", 0};
  if (path == "/requests") return {200, std::to_string(requests_) + "\n", "text/plain", 0};
  ++requests_;
  if (path == "/slow") return {200, front_.body, "text/plain", milliseconds_in(target)};
  ++errors_;
  return {404, "no such page\n", "text/plain", 0};
}

Answer Answers::front_page() {
  if (++requests_ <= behaviour_.grace || behaviour_.error_rate <= 0) return front_;
  owed_ += behaviour_.error_rate;
  if (owed_ < 1) return front_;
  owed_ -= 1;
  ++errors_;
  return {500, "the shop is broken\n", "text/plain", behaviour_.latency};
}

std::string Answers::metrics() const {
  const auto labels = fmt::format(R"(version="{}",color="{}")", behaviour_.version, behaviour_.color);
  return fmt::format(
      "# TYPE http_requests_total counter\nhttp_requests_total{{{0}}} {1}\n"
      "# TYPE http_errors_total counter\nhttp_errors_total{{{0}}} {2}\n",
      labels, requests_, errors_);
}

}  // namespace shop
