// A real Prometheus with a relay before it, for the suite and for tests of what only Prometheus does.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/metrics_suite.hpp"
#include "adapters/conformance/peer.hpp"
#include "harness/prometheus.hpp"

namespace shunt::conformance {

/// Series in the exposition format, for Prometheus to scrape.
class Exporter {
 public:
  explicit Exporter(int port);

  void set_text(std::string text);
  std::string text() const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
  Peer peer_;
};

class PrometheusBench : public MetricsBench {
 public:
  PrometheusBench();

  Metrics& metrics() override { return *metrics_; }
  Milliseconds timeout() const override { return Milliseconds(600); }
  std::string expression(Question question) override;
  std::string secret() const override { return "Bearer s3cr3t-t0ken"; }
  void make(MetricsTrouble trouble) override;
  std::int64_t now() const override;

  Exporter& exporter() { return *exporter_; }
  harness::Prometheus& prometheus() { return *prometheus_; }
  Value config() const { return config_; }  ///< of the adapter, as in an app file
  std::string last_request() const;         ///< as the relay got it

  /// An adapter of another configuration.
  std::unique_ptr<Metrics> make_metrics(const Value& config);

  /// Answers every request with this text, instead of Prometheus; "" lets Prometheus answer.
  void answer_with(std::string text);

 private:
  void listen();
  void pass_on(int connection);

  harness::TemporaryFolder folder_;
  int relay_port_;
  std::unique_ptr<Exporter> exporter_;
  std::unique_ptr<harness::Prometheus> prometheus_;
  std::unique_ptr<BenchContext> context_;
  mutable std::mutex mutex_;
  std::string answer_;
  std::string request_;
  std::atomic<MetricsTrouble> trouble_ = MetricsTrouble::none;
  std::unique_ptr<Peer> relay_;
  Value config_;
  std::unique_ptr<Metrics> metrics_;
};

std::unique_ptr<MetricsBench> make_prometheus_bench();

}  // namespace shunt::conformance
