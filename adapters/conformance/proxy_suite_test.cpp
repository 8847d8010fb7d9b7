#include <doctest/doctest.h>

#include <algorithm>

#include "adapters/conformance/proxy_caddy_bench.hpp"
#include "adapters/conformance/proxy_haproxy_bench.hpp"
#include "adapters/conformance/proxy_model_bench.hpp"
#include "adapters/conformance/proxy_nginx_bench.hpp"
#include "adapters/registered.hpp"

namespace shunt::conformance {

const std::map<std::string, ProxyEntry>& proxy_benches() {
  static const std::map<std::string, ProxyEntry> benches = {
      {"model", {"model", make_proxy_model_bench}}, {"haproxy", {"haproxy", make_haproxy_bench}},
      {"nginx link", nginx_link_entry()},           {"nginx reload", nginx_reload_entry()},
      {"caddy file", caddy_file_entry()},           {"caddy api", caddy_api_entry()},
  };
  return benches;
}

namespace {

TEST_CASE("every registered proxy is in the suite, and says what it is and what its operations promise") {
  Registry registry;
  register_adapters(registry);
  int registered = 0;
  for (const auto& info : registry.all()) {
    if (info.kind != "proxy") continue;
    ++registered;
    INFO("adapter: " << info.name);
    CHECK(std::any_of(proxy_benches().begin(), proxy_benches().end(),
                      [&](const auto& bench) { return bench.second.adapter == info.name; }));
    CHECK((info.status == "stable" || info.status == "beta"));
    CHECK_FALSE(info.summary.empty());
    for (const char* operation : {"observe", "apply"}) CHECK(info.operations.contains(operation));
    for (const auto& key : info.schema.keys) CHECK_FALSE(key.doc.empty());
  }
  CHECK(registered >= 1);
}

TEST_CASE("every proxy in the suite conforms") {
  for (const auto& [name, entry] : proxy_benches()) {
    INFO("proxy: " << name);
    check_proxy(entry);
  }
}

TEST_CASE("the model does what HAProxy did, and HAProxy still does it") {
  for (const char* name : {"model", "haproxy"}) {
    INFO("proxy: " << name);
    check_proxy_trace(proxy_benches().at(name).make);
  }
}

}  // namespace

}  // namespace shunt::conformance
