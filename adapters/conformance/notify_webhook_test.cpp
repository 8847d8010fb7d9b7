// What only webhooks have: signatures, headers, the form of the body.
#include <doctest/doctest.h>

#include "adapters/conformance/notify_webhook_bench.hpp"
#include "adapters/notify/webhook/signature.hpp"

namespace shunt::conformance {

namespace {

Value handle(const char* name) {
  return {{"$secret", {{"env", name}}}};
}

Result<void> send(WebhookBench& bench) {
  return bench.run(bench.channel().send(sample_notification(), Milliseconds(5'000)));
}

TEST_CASE("the request is one that a receiver of Standard Webhooks accepts") {
  WebhookBench bench;
  REQUIRE(send(bench));
  const auto request = bench.requests().front();
  CHECK(request.method == "POST");
  CHECK(request.path == "/hook");
  CHECK(request.header("content-type") == "application/json");
  CHECK(request.header("webhook-id") == sample_notification().id);
  const auto time = std::stoll(request.header("webhook-timestamp"));
  CHECK(std::abs(time - wall_clock_ms() / 1000) < 10);
  const auto key = webhook::key_of("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  REQUIRE(key);
  CHECK(request.header("webhook-signature") ==
        webhook::standard_signature(*key, request.header("webhook-id"), time, request.body));
  CHECK(request.header("x-hub-signature-256").empty());

  const auto body = Value::parse(request.body);
  CHECK(body["type"] == "deployment.rolled_back");
  CHECK(body["timestamp"] == to_timestamp(sample_notification().time));
  CHECK(body["data"]["app"] == "shop");
  CHECK(body["data"]["version"] == "v3");
  CHECK(body["data"]["text"] == sample_notification().text);
}

TEST_CASE("headers of one's own, and the signature that GitHub's receivers check") {
  const Value keys = {{"hub_secret", handle("HUB")}, {"headers", {{"X-Team", "ops"}}}};
  WebhookBench bench(keys);
  REQUIRE(send(bench));
  const auto request = bench.requests().front();
  CHECK(request.header("x-team") == "ops");
  CHECK(request.header("x-hub-signature-256") == webhook::hub_signature("It's a Secret to Everybody", request.body));
}

TEST_CASE("a secret that cannot sign, or cannot be read, sends nothing") {
  const Value short_key = {{"secret", handle("SHORT")}};
  WebhookBench wrong(short_key);
  const auto unsigned_one = send(wrong);
  REQUIRE(!unsigned_one);
  CHECK(unsigned_one.error().code == "SH2003");
  CHECK(to_paragraph(unsigned_one.error()).find("not base64!") == std::string::npos);
  CHECK(wrong.requests().empty());

  const Value no_key = {{"secret", handle("NOBODY")}};
  WebhookBench missing(no_key);
  CHECK_FALSE(send(missing));
  CHECK(missing.requests().empty());
}

}  // namespace

}  // namespace shunt::conformance
