#include "adapters/conformance/metrics_prometheus_bench.hpp"

#include <unistd.h>

#include <fmt/format.h>
#include <stdexcept>

#include "adapters/metrics/prometheus/prometheus_metrics.hpp"
#include "harness/eventually.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

constexpr std::int64_t some_minutes = 200'000;

std::string http_answer(const std::string& status, const std::string& body, const std::string& headers = "") {
  return fmt::format("HTTP/1.1 {}\r\n{}Content-Length: {}\r\nConnection: close\r\n\r\n{}", status, headers, body.size(),
                     body);
}

/// A whole request, by its Content-Length.
std::string receive_request(int connection) {
  auto text = receive_until(connection, "\r\n\r\n");
  const auto head = text.find("\r\n\r\n");
  const auto field = text.find("Content-Length: ");
  if (head == std::string::npos || field == std::string::npos || field > head) return text;
  const auto size = head + 4 + std::stoul(text.substr(field + 16));
  while (text.size() < size) {
    const auto more = receive_some(connection);
    if (more.empty()) break;
    text += more;
  }
  return text;
}

std::string asked_of(int port, std::string request) {
  const auto end = request.find("\r\n");
  if (end != std::string::npos) request.insert(end + 2, "Connection: close\r\n");
  const int connection = connect_to(port);
  send_all(connection, request);
  auto answer = receive_all(connection);
  ::close(connection);
  return answer;
}

}  // namespace

Exporter::Exporter(int port)
    : peer_(port, [this](int connection) {
        receive_until(connection, "\r\n\r\n");
        send_all(connection, http_answer("200 OK", text(), "Content-Type: text/plain; version=0.0.4\r\n"));
      }) {}

void Exporter::set_text(std::string text) {
  const std::lock_guard lock(mutex_);
  text_ = std::move(text);
}

std::string Exporter::text() const {
  const std::lock_guard lock(mutex_);
  return text_;
}

PrometheusBench::PrometheusBench() : relay_port_(harness::free_port()) {
  const int port = harness::free_port();
  exporter_ = std::make_unique<Exporter>(port);
  exporter_->set_text(
      fmt::format("seven 7\nno_number NaN\nendless +Inf\nper_color{{color=\"blue\"}} 1\n"
                  "per_color{{color=\"green\"}} 2\nold_one 5 {}\n",
                  wall_clock_ms() - some_minutes));
  prometheus_ = std::make_unique<harness::Prometheus>(folder_, harness::PrometheusOptions{{port}});
  context_ = std::make_unique<BenchContext>(loop_, folder_.path());
  context_->vault.values["TOKEN"] = secret();
  listen();
  config_ = {{"url", fmt::format("http://127.0.0.1:{}/", relay_port_)},
             {"timeout", fmt::format("{}ms", timeout().count())},
             {"headers", {{"Authorization", {{"$secret", {{"env", "TOKEN"}}}}}}}};
  metrics_ = make_metrics(config_);
  const auto is_there = [&] { return prometheus_->query("old_one").find("\"5\"") != std::string::npos; };
  if (!harness::eventually(std::chrono::seconds(30), is_there)) throw std::runtime_error("Prometheus scrapes nothing");
}

std::unique_ptr<Metrics> PrometheusBench::make_metrics(const Value& config) {
  const auto adapter = adapters::prometheus_metrics();
  const auto valid = validate(adapter.info.schema, config, "metrics");
  if (!valid) throw std::runtime_error(to_paragraph(valid.error()));
  return adapter.make(context_->context(), *valid);
}

std::string PrometheusBench::expression(Question question) {
  switch (question) {
    case Question::one_series:
      return "seven";
    case Question::scalar:
      return "1 + 1";
    case Question::nothing:
      return "no_such_series";
    case Question::not_a_number:
      return "no_number";
    case Question::infinite:
      return "sum(endless)";
    case Question::out_of_date:
      return "sum(old_one) * 2";
    case Question::two_series:
      return "per_color";
    case Question::bad_expression:
      return "sum(";
    case Question::text:
      return "\"seven\"";
  }
  return "";
}

void PrometheusBench::listen() {
  relay_ = std::make_unique<Peer>(relay_port_, [this](int connection) { pass_on(connection); });
}

void PrometheusBench::make(MetricsTrouble trouble) {
  trouble_ = trouble;
  relay_.reset();
  if (trouble != MetricsTrouble::down) listen();
}

void PrometheusBench::answer_with(std::string text) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(text);
}

std::string PrometheusBench::last_request() const {
  const std::lock_guard lock(mutex_);
  return request_;
}

void PrometheusBench::pass_on(int connection) {
  const auto request = receive_request(connection);
  std::string answer;
  {
    const std::lock_guard lock(mutex_);
    request_ = request;
    answer = answer_;
  }
  const auto trouble = trouble_.load();
  if (trouble == MetricsTrouble::hang) {
    receive_all(connection);
    return;
  }
  // What answers echoes what it was asked, so that a secret in a header comes back.
  if (trouble == MetricsTrouble::garbage) answer = http_answer("200 OK", "<html>hello, " + request + "</html>");
  if (trouble == MetricsTrouble::too_busy) answer = http_answer("429 Too Many Requests", request, "Retry-After: 3\r\n");
  if (answer.empty()) answer = asked_of(prometheus_->port(), request);
  if (trouble == MetricsTrouble::warning) {
    const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
    answer = http_answer("200 OK", R"({"warnings":["half of it is missing"],)" + body.substr(body.find('{') + 1));
  }
  send_all(connection, answer);
}

std::int64_t PrometheusBench::now() const {
  return wall_clock_ms();
}

std::unique_ptr<MetricsBench> make_prometheus_bench() {
  return std::make_unique<PrometheusBench>();
}

}  // namespace shunt::conformance
