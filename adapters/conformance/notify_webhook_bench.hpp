// A webhook with a receiver that reads what it gets as Standard Webhooks say.
#pragma once

#include "adapters/conformance/bench_context.hpp"
#include "adapters/conformance/notify_suite.hpp"
#include "harness/receiver.hpp"
#include "shunt/registry.hpp"

namespace shunt::conformance {

class WebhookBench : public NotifyBench {
 public:
  /// `more` are further keys of the channel's table.
  explicit WebhookBench(const Value& more = Value::object());

  Notify& channel() override { return *channel_; }
  std::vector<Arrival> arrivals() override;
  std::string secret() const override;
  void make(NotifyTrouble trouble) override;

  const std::vector<harness::Received>& requests();
  BenchContext& context() { return context_; }

 private:
  int port_;
  BenchContext context_;
  std::unique_ptr<harness::Receiver> receiver_;
  std::vector<harness::Received> earlier_;
  std::unique_ptr<Notify> channel_;
};

std::unique_ptr<NotifyBench> make_webhook_bench();

}  // namespace shunt::conformance
