#include <doctest/doctest.h>

#include "adapters/conformance/notify_webhook_bench.hpp"
#include "adapters/registered.hpp"

namespace shunt::conformance {

const std::map<std::string, MakeNotifyBench>& notify_benches() {
  static const std::map<std::string, MakeNotifyBench> benches = {{"webhook", make_webhook_bench}};
  return benches;
}

namespace {

TEST_CASE("every registered channel is in the suite, and says what it is and what its operation promises") {
  Registry registry;
  register_adapters(registry);
  int registered = 0;
  for (const auto& info : registry.all()) {
    if (info.kind != "notify") continue;
    ++registered;
    INFO("adapter: " << info.name);
    CHECK(notify_benches().contains(info.name));
    CHECK((info.status == "stable" || info.status == "beta"));
    CHECK_FALSE(info.summary.empty());
    CHECK(info.operations.at("send") == EffectClass::keyed);
    for (const auto& key : info.schema.keys) CHECK_FALSE(key.doc.empty());
  }
  CHECK(registered >= 1);
}

TEST_CASE("every channel in the suite conforms") {
  for (const auto& [name, make_bench] : notify_benches()) {
    INFO("channel: " << name);
    check_notify(make_bench);
  }
}

}  // namespace

}  // namespace shunt::conformance
