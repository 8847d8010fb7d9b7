#include "adapters/conformance/notify_webhook_bench.hpp"

#include <fmt/format.h>

#include "adapters/notify/webhook/webhook_notify.hpp"
#include "harness/ports.hpp"
#include "shunt/schema.hpp"

namespace shunt::conformance {

namespace {

constexpr const char* signing_key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

Value config_for(int port, const Value& more) {
  Value table = {{"url", fmt::format("http://127.0.0.1:{}/hook", port)}, {"secret", {{"$secret", {{"env", "KEY"}}}}}};
  table.update(more);
  return validate(adapters::webhook_notify().info.schema, table, "notify[1]").value();
}

}  // namespace

WebhookBench::WebhookBench(const Value& more)
    : port_(harness::free_ports(1).front()),
      context_(loop_, "/nowhere"),
      receiver_(std::make_unique<harness::Receiver>(port_)) {
  context_.vault.values["KEY"] = signing_key;
  context_.vault.values["HUB"] = "It's a Secret to Everybody";
  context_.vault.values["SHORT"] = "not base64!";
  channel_ = adapters::webhook_notify().make(context_.context(), config_for(port_, more));
}

const std::vector<harness::Received>& WebhookBench::requests() {
  if (receiver_) earlier_ = receiver_->received();
  return earlier_;
}

std::vector<Arrival> WebhookBench::arrivals() {
  std::vector<Arrival> arrivals;
  for (const auto& request : requests()) {
    const auto body = Value::parse(request.body);
    auto event = body.at("type").get<std::string>();
    const std::string prefix = "deployment.";
    if (event.rfind(prefix, 0) == 0) event.erase(0, prefix.size());
    arrivals.push_back({request.header("webhook-id"), event, body.at("data").at("text")});
  }
  return arrivals;
}

std::string WebhookBench::secret() const {
  return signing_key;
}

void WebhookBench::make(NotifyTrouble trouble) {
  receiver_.reset();
  if (trouble == NotifyTrouble::down) return;
  receiver_ = std::make_unique<harness::Receiver>(port_);
  const auto home = fmt::format("Location: http://127.0.0.1:{}/elsewhere\r\n", port_);
  if (trouble == NotifyTrouble::hang) receiver_->hang();
  if (trouble == NotifyTrouble::broken) receiver_->answer(500, "", std::string("who is ") + signing_key + "?");
  if (trouble == NotifyTrouble::too_busy) receiver_->answer(429, "Retry-After: 3\r\n");
  if (trouble == NotifyTrouble::elsewhere) receiver_->answer(307, home);
  if (trouble == NotifyTrouble::gone) receiver_->answer(410);
}

std::unique_ptr<NotifyBench> make_webhook_bench() {
  return std::make_unique<WebhookBench>();
}

}  // namespace shunt::conformance
