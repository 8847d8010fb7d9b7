#include "adapters/notify/webhook/webhook_notify.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "adapters/notify/webhook/signature.hpp"
#include "shunt/duration.hpp"

namespace shunt::adapters {

namespace {

constexpr std::size_t longest_evidence = 2'000;

Key string_key(const std::string& name, const std::string& doc) {
  Key key;
  key.name = name;
  key.doc = doc;
  key.secret = true;
  return key;
}

Schema schema_of_webhook() {
  Key url = string_key("url", "where it is sent, by POST; may be a secret");
  url.required = true;
  Key secret = string_key("secret", "signs it, as Standard Webhooks say: base64, with or without whsec_ before it");
  secret.required = true;
  const Key hub_secret = string_key("hub_secret", "signs it with this text as X-Hub-Signature-256 too");
  Key headers;
  headers.name = "headers";
  headers.type = Type::map;
  headers.secret = true;
  headers.doc = "sent along, for example Authorization; values may be secrets";
  Key timeout;
  timeout.name = "timeout";
  timeout.type = Type::duration;
  timeout.fallback = 10'000;
  timeout.doc = "for one attempt";
  Key name;
  name.name = "name";
  name.doc = "of your choice; a new one turns a channel on again that the receiver had turned off";
  Schema schema;
  schema.keys = {url, secret, hub_secret, headers, timeout, name};
  return schema;
}

std::string body_of(const Notification& notification) {
  Value data = notification.facts;
  data["text"] = notification.text;
  return to_text({{"type", "deployment." + notification.event},
                  {"timestamp", to_timestamp(notification.time)},
                  {"data", std::move(data)}});
}

Error not_delivered(const std::string& what, const std::string& remedy) {
  Error error("SH2001", Kind::adapter, "the webhook was not delivered: " + what, remedy);
  error.retryable = true;
  return error;
}

}  // namespace

Adapter<Notify> webhook_notify() {
  Adapter<Notify> adapter;
  adapter.info.kind = "notify";
  adapter.info.name = "webhook";
  adapter.info.status = "stable";
  adapter.info.summary = "sends signed HTTP requests, as Standard Webhooks describe them";
  adapter.info.schema = schema_of_webhook();
  adapter.info.operations = {{"send", EffectClass::keyed}};
  adapter.make = [](Context& context, const Value& config) { return std::make_unique<WebhookNotify>(context, config); };
  return adapter;
}

Result<http::Request> WebhookNotify::request_for(const Notification& notification, const Value& config) const {
  const auto key = webhook::key_of(config.at("secret").get<std::string>());
  if (!key)
    return Error("SH2003", Kind::config, "the webhook's secret is not base64, so nothing can be signed with it",
                 "write it as whsec_ and base64, for example whsec_$(openssl rand -base64 24)");
  const auto now = wall_clock_ms() / 1000;
  http::Request request(config.at("url").get<std::string>());
  request.method = "POST";
  request.body = body_of(notification);
  request.headers = {{"Content-Type", "application/json"},
                     {"webhook-id", notification.id},
                     {"webhook-timestamp", std::to_string(now)},
                     {"webhook-signature", webhook::standard_signature(*key, notification.id, now, request.body)}};
  if (config.contains("hub_secret"))
    request.headers.emplace_back("X-Hub-Signature-256",
                                 webhook::hub_signature(config["hub_secret"].get<std::string>(), request.body));
  const auto more = config.value("headers", Value::object());
  for (const auto& [name, value] : more.items()) request.headers.emplace_back(name, value.get<std::string>());
  return request;
}

Result<void> WebhookNotify::understand(const Result<http::Response>& response) const {
  if (!response)
    return not_delivered(context_.secrets.mask(response.error().message), "check `url`, and that its server runs");
  const int status = response->status;
  if (status >= 200 && status < 300) return {};
  Value facts = {{"status", status}, {"text", response->body.substr(0, longest_evidence)}};
  facts = context_.secrets.mask_all(std::move(facts));
  if (status == 410)
    return Error("SH2002", Kind::adapter, "the webhook's receiver answered HTTP 410: it wants no more",
                 "remove the channel, or change its table in the app file once the receiver is back")
        .with(std::move(facts));
  if (status >= 300 && status < 400)
    return not_delivered(fmt::format("HTTP {}, and redirects are not followed", status),
                         "give the final address as `url`")
        .with(std::move(facts));
  if (status == 429 || status == 503)
    facts["retry_after_ms"] = http::parse_retry_after(response->header("retry-after"), wall_clock_ms());
  return not_delivered(fmt::format("its receiver answered HTTP {}", status), "look into the receiver's log")
      .with(std::move(facts));
}

Task<Result<void>> WebhookNotify::send(Notification notification, Milliseconds limit) {
  auto config = co_await context_.secrets.reveal(config_);
  if (!config) co_return std::move(config).error();
  auto request = request_for(notification, *config);
  if (!request) co_return std::move(request).error();
  request->timeout = std::min(limit, Milliseconds(config_.at("timeout").get<std::int64_t>()));
  auto sending = std::move(*request);
  const auto response = co_await context_.http.send(std::move(sending));
  co_return understand(response);
}

}  // namespace shunt::adapters
