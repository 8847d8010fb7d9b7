// Tells any program that speaks Standard Webhooks.
#pragma once

#include <string>

#include "shunt/context.hpp"
#include "shunt/registry.hpp"

namespace shunt::adapters {

Adapter<Notify> webhook_notify();

/// Each attempt is one POST of `{ "type": "deployment.EVENT", "timestamp": ..., "data": { text, app, ... } }`, signed
/// anew: the id stays, the time is the attempt's.
class WebhookNotify : public Notify {
 public:
  /// `config` passed the schema of `webhook_notify()`.
  WebhookNotify(Context& context, Value config) : context_(context), config_(std::move(config)) {}

  Task<Result<void>> send(Notification notification, Milliseconds limit) override;

 private:
  Result<http::Request> request_for(const Notification& notification, const Value& config) const;
  Result<void> understand(const Result<http::Response>& response) const;

  Context& context_;
  Value config_;  ///< secrets as handles: they are read for each attempt
};

}  // namespace shunt::adapters
