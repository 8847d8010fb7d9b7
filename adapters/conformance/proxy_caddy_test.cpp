// What only the Caddy adapter does.
#include <doctest/doctest.h>

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <thread>

#include "adapters/conformance/found_addresses.hpp"
#include "adapters/conformance/proxy_caddy_bench.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

const std::vector<bool> both_ways = {true, false};

ProxyView look(CaddyBench& bench, Proxy& proxy) {
  auto view = bench.run(proxy.observe());
  if (!view) FAIL_CHECK(to_paragraph(view.error()));
  return view ? *view : ProxyView();
}

ProxyView look(CaddyBench& bench) {
  return look(bench, bench.proxy());
}

void apply(CaddyBench& bench, Proxy& proxy, Weights weights) {
  const auto applied = bench.run(proxy.apply(weights));
  if (!applied) FAIL_CHECK(to_paragraph(applied.error()));
}

void apply(CaddyBench& bench, Weights weights) {
  apply(bench, bench.proxy(), weights);
}

Error refusal(CaddyBench& bench, Proxy& proxy, Weights weights) {
  const auto applied = bench.run(proxy.apply(weights));
  if (applied) FAIL("it was not refused");
  INFO(to_paragraph(applied.error()));
  CHECK_FALSE(applied.error().remedy.empty());
  CHECK(applied.error().message.find('\n') == std::string::npos);
  return applied.error();
}

Value with(CaddyBench& bench, const Value& keys) {
  auto config = bench.config();
  config.merge_patch(keys);
  return config;
}

/// The error of a first look and of a first setting with other keys in the configuration.
Error refusal_with(CaddyBench& bench, const Value& keys) {
  const auto proxy = bench.make_proxy(with(bench, keys));
  const auto view = bench.run(proxy->observe());
  if (view) FAIL("it was not refused");
  CHECK(refusal(bench, *proxy, Weights(0, 100)).code == view.error().code);
  return view.error();
}

Error refusal_of_setting_with(CaddyBench& bench, const Value& keys) {
  const auto proxy = bench.make_proxy(with(bench, keys));
  return refusal(bench, *proxy, Weights(0, 100));
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::vector<std::string> shares_in(const CaddyBench& bench) {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(bench.folder() / "caddy/shares"))
    names.push_back(file.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

Value handler_of(CaddyBench& bench) {
  return Value::parse(bench.caddy().ask("GET", harness::Caddy::handler_path()));
}

std::string findings_of(CaddyBench& bench, Proxy& proxy) {
  std::string text;
  for (const auto& finding : bench.run(proxy.examine()))
    text += fmt::format("{}: {} ({})\n", finding.fine ? "fine" : "bad", finding.what, finding.remedy);
  return text;
}

/// Share of green among requests without a cookie.
double green_part(const CaddyBench& bench, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += bench.answer() == "green0" ? 1 : 0;
  return double(count) / requests;
}

}  // namespace

TEST_CASE("the first request after each of 20 switches reaches the right colour") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    CaddyBench bench(ProxySetup{}, by_file);
    for (int i = 0; i < 20; ++i) {
      const auto to = i % 2 == 0 ? Colour::green : Colour::blue;
      Weights weights;
      weights[to] = 100;
      apply(bench, weights);
      CHECK(bench.answer() == bench.name_of_server(to, 0));
      CHECK(look(bench).effective == weights);
    }
  }
}

TEST_CASE("a switch by file loads no configuration and renames one file") {
  CaddyBench bench(ProxySetup{}, true);
  const auto config = bench.caddy().ask("GET", "/config/");
  const auto proxy = bench.make_proxy(with(bench, {{"reload", {"false"}}}));
  for (const auto& weights : {Weights(100, 100), Weights(0, 100), Weights(0, 0), Weights(30, 70), Weights(30, 70)}) {
    apply(bench, *proxy, weights);
    CHECK(shares_in(bench).size() == 2);
  }
  CHECK(shares_in(bench) == std::vector<std::string>{"web.70", "web.caddy"});
  CHECK(bench.caddy().ask("GET", "/config/") == config);
  CHECK(bench.relay().changes() == 0);
}

TEST_CASE("a setting that changes nothing loads nothing") {
  CaddyBench bench(ProxySetup{}, false);
  CHECK(bench.relay().changes() == 0);
  for (int i = 0; i < 3; ++i) apply(bench, Weights(100, 50));
  CHECK(bench.relay().changes() == 1);
}

TEST_CASE("nobody gets requests where neither colour has a weight, and Caddy goes on") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    ProxySetup setup;
    setup.is_persistent = true;
    CaddyBench bench(setup, by_file);
    apply(bench, Weights(0, 0));
    const auto view = look(bench);
    CHECK(view.weights == Weights(0, 0));
    CHECK(view.effective == Weights(0, 0));
    CHECK(view.usable == PerColour<int>(1, 1));
    CHECK(bench.answer() == "503");
    bench.caddy().restart();
    CHECK(look(bench).effective == Weights(0, 0));
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "green0");
    CHECK(look(bench).effective == Weights(0, 100));
  }
}

TEST_CASE("before the first deployment there are no routes, and the first setting brings them") {
  CaddyBench bench(ProxySetup{}, true);
  for (const auto& name : shares_in(bench)) fs::remove(bench.folder() / "caddy/shares" / name);
  bench.caddy().reload();
  const auto view = look(bench);
  CHECK(view.weights == Weights(0, 0));
  CHECK(view.effective == Weights(0, 0));
  CHECK(view.note.empty());
  CHECK(has(findings_of(bench, bench.proxy()), "fine: the first deployment writes"));
  const auto without_routes = bench.answer();
  apply(bench, Weights(0, 0));
  CHECK(bench.answer() == without_routes);
  CHECK(look(bench).weights == Weights(0, 0));
  apply(bench, Weights(0, 100));
  CHECK(bench.answer() == "green0");
  CHECK(has(findings_of(bench, bench.proxy()), "a switch reloads nothing"));
}

TEST_CASE("routes that no Caddyfile imports are missed") {
  CaddyBench bench(ProxySetup{}, true);
  const auto elsewhere = (bench.folder() / "elsewhere").string();
  const auto proxy = bench.make_proxy(with(bench, {{"folder", elsewhere}}));
  const auto error = refusal(bench, *proxy, Weights(0, 100));
  CHECK(error.code == "SH1504");
  CHECK(has(error.message, elsewhere + "/web.caddy"));
  CHECK(has(error.remedy, "import"));
  CHECK(has(findings_of(bench, *proxy), "bad: Caddy runs without the routes"));
  CHECK(bench.answer() == "blue0");
}

TEST_CASE("what Caddy refuses is put back, and the old routes go on") {
  CaddyBench bench(ProxySetup{}, true);
  apply(bench, Weights(0, 100));
  const auto before = bench.folder().read("caddy/shares/web.caddy");
  std::ofstream(bench.caddy().config(), std::ios::app) << "no_such_directive {\n";
  bench.proxy().instances_at({bench.addresses().blue, {"127.0.0.1:1"}});
  const auto error = refusal(bench, bench.proxy(), Weights(100, 0));
  CHECK(error.code == "SH1509");
  CHECK(has(error.evidence["text"].get<std::string>(), "Caddyfile"));
  CHECK(bench.folder().read("caddy/shares/web.caddy") == before);
  CHECK(bench.answer() == "green0");
}

TEST_CASE("a reload that hangs ends in time, and one that cannot be run is named") {
  CaddyBench bench(ProxySetup{}, true);
  bench.proxy().instances_at({bench.addresses().blue, {"127.0.0.1:1"}});
  const auto other = PerColour<std::vector<std::string>>({bench.addresses().blue, {"127.0.0.1:1"}});
  for (const auto& [words, code] : std::map<std::vector<std::string>, std::string>{
           {{"sleep", "60"}, "SH1502"}, {{"no-such-program"}, "SH1501"}, {{"false"}, "SH1509"}}) {
    INFO(words.front());
    const auto proxy = bench.make_proxy(with(bench, {{"reload", words}, {"timeout", "1s"}}));
    proxy->instances_at(other);
    const auto begin = bench.now();
    CHECK(refusal(bench, *proxy, Weights(0, 100)).code == code);
    CHECK(bench.now() - begin < 3'000);
    CHECK(bench.answer() == "blue0");
  }
}

TEST_CASE("instances that answer elsewhere are taken up") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    CaddyBench bench(ProxySetup{}, by_file);
    const int port = harness::free_port();
    HeldServer server(port, "new");
    bench.proxy().instances_at({bench.addresses().blue, {fmt::format("127.0.0.1:{}", port)}});
    apply(bench, Weights(100, 0));
    CHECK(bench.answer() == "blue0");
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "new");
    CHECK(look(bench).effective == Weights(0, 100));
    bench.proxy().instances_at({bench.addresses().blue, {"127.0.0.1:1"}});
    CHECK(look(bench).effective.green == 0);
    CHECK(has(look(bench).note, "neither color's"));
  }
}

TEST_CASE("a colour of which nobody knows where it answers gets nothing, the other one does") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    CaddyBench bench(ProxySetup{}, by_file);
    for (const auto& name : shares_in(bench)) fs::remove(bench.folder() / "caddy/shares" / name);
    bench.caddy().reload();
    bench.proxy().instances_at({{}, bench.addresses().green});
    CHECK(refusal(bench, bench.proxy(), Weights(100, 100)).code == "SH1504");
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "green0");
    CHECK(look(bench).effective == Weights(0, 100));
    bench.proxy().instances_at({{"127.0.0.1:3000 }"}, bench.addresses().green});
    CHECK(refusal(bench, bench.proxy(), Weights(0, 100)).code == "SH1504");
  }
}

TEST_CASE("a file that was renamed by hand is seen at once, and what was there is told again") {
  CaddyBench bench(ProxySetup{}, true);
  apply(bench, Weights(100, 50));
  CHECK(shares_in(bench) == std::vector<std::string>{"web.35", "web.caddy"});
  fs::rename(bench.folder() / "caddy/shares/web.35", bench.folder() / "caddy/shares/web.100");
  CHECK(look(bench).weights == Weights(0, 100));
  CHECK(look(bench).effective == Weights(0, 100));
  CHECK(bench.answer() == "green0");
  bench.folder().write("caddy/shares/web.0", "");
  CHECK(has(look(bench).note, "several files"));
  CHECK(look(bench).effective == Weights(0, 100));
  CHECK(bench.answer() == "green0");
  apply(bench, Weights(100, 0));
  CHECK(shares_in(bench) == std::vector<std::string>{"web.0", "web.caddy"});
  CHECK(bench.answer() == "blue0");
  fs::remove(bench.folder() / "caddy/shares/web.0");
  CHECK(look(bench).weights == Weights(100, 0));
  CHECK(bench.answer() == "blue0");
}

TEST_CASE("what somebody changes at the same time is not lost") {
  CaddyBench bench(ProxySetup{}, false);
  const auto place = harness::Caddy::handler_path();
  bench.relay().before_next_change([&] { bench.caddy().ask("PUT", place + "/flush_interval", "5000000"); });
  apply(bench, Weights(100, 100));
  CHECK(bench.relay().changes() == 2);
  CHECK(handler_of(bench)["flush_interval"] == 5'000'000);
  CHECK(look(bench).effective == Weights(50, 50));
}

TEST_CASE("a list that was changed by hand is seen, and what an operator wrote into its entries stays") {
  CaddyBench bench(ProxySetup{}, false);
  const auto at = bench.addresses();
  const Value blue = {{"dial", at.blue.front()}, {"max_requests", 500}};
  const Value green = {{"dial", at.green.front()}};
  const Value stranger = {{"dial", "127.0.0.1:1"}};
  bench.caddy().ask("PATCH", harness::Caddy::handler_path() + "/upstreams",
                    Value::array({blue, green, green, stranger}).dump());
  auto view = look(bench);
  CHECK(view.weights == Weights(25, 50));
  CHECK(view.effective == Weights(25, 50));
  CHECK(has(view.note, "127.0.0.1:1"));
  apply(bench, Weights(90, 10));
  CHECK(look(bench).note.empty());
  const auto list = handler_of(bench)["upstreams"];
  REQUIRE(list.size() == 10);
  for (std::size_t i = 0; i < 9; ++i) CHECK(list[i]["max_requests"] == 500);
  CHECK_FALSE(list[9].contains("max_requests"));
}

TEST_CASE("a handler is found by its path, and one that is not there is missed by name") {
  CaddyBench bench(ProxySetup{}, false);
  const auto by_path = with(bench, {{"id", nullptr}, {"path", harness::Caddy::handler_path()}});
  const auto proxy = bench.make_proxy(by_path);
  apply(bench, *proxy, Weights(20, 80));
  CHECK(look(bench, *proxy).weights == Weights(20, 80));
  const auto unknown = refusal_with(bench, {{"id", "shop2"}});
  CHECK(unknown.code == "SH1504");
  CHECK(has(unknown.message, harness::Caddy::handler_path()));
  const Value elsewhere = {{"id", nullptr}, {"path", "/config/apps/http/servers/shop/routes/0/handle/0"}};
  CHECK(refusal_with(bench, elsewhere).code == "SH1504");
  const Value nowhere = {{"id", nullptr}, {"path", "/config/apps/http/servers/none/routes/7"}};
  CHECK(refusal_with(bench, nowhere).code == "SH1504");
}

TEST_CASE("a handler without a list is given one") {
  CaddyBench bench(ProxySetup{}, false);
  bench.caddy().ask("DELETE", harness::Caddy::handler_path() + "/upstreams");
  CHECK(look(bench).weights == Weights(0, 0));
  apply(bench, Weights(0, 100));
  CHECK(bench.answer() == "green0");
}

TEST_CASE("policies that cannot share say so, and refuse") {
  for (const std::string policy : {"first", "least_conn", "random_choose"}) {
    INFO(policy);
    harness::CaddyOptions options;
    options.policy = fmt::format(R"({{"policy": "{}"}})", policy);
    CaddyBench bench(ProxySetup{}, false, options);
    CHECK_FALSE(look(bench).shiftable);
    CHECK(has(look(bench).note, policy));
    CHECK(refusal(bench, bench.proxy(), Weights(100, 50)).code == "SH1505");
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "green0");
    if (policy == "first") CHECK(refusal(bench, bench.proxy(), Weights(100, 100)).code == "SH1505");
  }
}

TEST_CASE("a client stays on one version by its cookie, or by its address") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    harness::CaddyOptions options;
    options.policy = R"({"policy": "ip_hash"})";
    CaddyBench bench(ProxySetup{}, by_file, options, by_file ? Value{{"policy", "ip_hash"}} : Value::object());
    CHECK(look(bench).pinned == "address");
    std::map<int, std::string> before;
    for (const auto& weights : {Weights(70, 30), Weights(40, 60), Weights(10, 90)}) {
      apply(bench, weights);
      CHECK(look(bench).effective == weights);
      int greens = 0;
      for (int user = 0; user < 60; ++user) {
        const auto ran = harness::run(
            {{"curl", "-s", "--interface", fmt::format("127.0.{}.{}", user, 2 + 4 * user), bench.caddy().url()}});
        greens += ran.out == "green0" ? 1 : 0;
        if (before[user] == "green0") CHECK(ran.out == "green0");
        before[user] = ran.out;
      }
      MESSAGE("ip_hash at ", weights.green, " %: ", greens * 100 / 60, " % of 60 addresses");
    }
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "green0");
  }
}

TEST_CASE("a removed colour's requests are not known, never zero") {
  CaddyBench bench(ProxySetup{}, false);
  auto held = bench.hold(false);
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue == 1; }));
  apply(bench, Weights(100, 100));
  CHECK(look(bench).in_flight.blue == 1);
  CHECK(look(bench).in_flight.green == 0);
  apply(bench, Weights(0, 100));
  CHECK_FALSE(look(bench).in_flight.blue);
  held.reset();
}

TEST_CASE("a request of nine seconds ends well, and is counted until then") {
  CaddyBench bench(ProxySetup{}, true);
  harness::Program client({{"curl", "-s", "-m", "20", bench.caddy().url("/hold")}});
  client.start();
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue == 1; }));
  auto held = bench.hold(false);
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue == 2; }));
  apply(bench, Weights(0, 100));
  std::this_thread::sleep_for(9s);
  CHECK(look(bench).in_flight.blue == 2);
  held.reset();
  client.wait(5s);
  CHECK(client.out() == "blue0");
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue == 0; }));
}

TEST_CASE("a reload forgets what the API was told, a restart with --resume does not, and examine tells which it is") {
  for (const bool resume : both_ways) {
    ProxySetup setup;
    setup.is_persistent = resume;
    CaddyBench bench(setup, false);
    apply(bench, Weights(0, 100));
    const auto found = findings_of(bench, bench.proxy());
    CHECK(has(found, resume ? "fine: Caddy runs with --resume" : "bad: Caddy forgets the shares"));
    const auto before = look(bench);
    bench.caddy().reload();
    CHECK(look(bench).weights == Weights(100, 0));
    CHECK(look(bench).started == before.started);
    if (!resume) continue;
    bench.caddy().ask("PUT", "/config/admin/config", R"({"persist": false})");
    CHECK(has(findings_of(bench, bench.proxy()), "admin.config.persist"));
  }
}

TEST_CASE("names and places that could mean something else are refused") {
  CaddyBench bench(ProxySetup{}, true);
  CHECK(refusal_with(bench, {{"service", "web/.."}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"folder", "shares"}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"folder", "/srv/{env.HOME}"}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"folder", nullptr}}).code == "SH1003");
  CHECK(refusal_with(bench, {{"reload", Value::array()}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"admin", "ftp://127.0.0.1"}}).code == "SH1002");
  const Value api = {{"switch", "api"}};
  CHECK(refusal_with(bench, api).code == "SH1003");
  CHECK(refusal_with(bench, {{"switch", "api"}, {"path", "/load"}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"switch", "api"}, {"path", "/config/a b"}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"admin", "http://127.0.0.1:1"}}).code == "SH1501");
  CHECK(refusal_of_setting_with(bench, {{"folder", (bench.folder() / "relay.sock/x").string()}}).code == "SH1508");
}

TEST_CASE("the target is the same however the path is written, and each way tells what it costs") {
  CaddyBench file(ProxySetup{}, true);
  const auto proxy = file.make_proxy(with(file, {{"folder", "/srv/../srv//shares"}}));
  CHECK(proxy->target() == "caddy:/srv/shares:web");
  CHECK(look(file).cost.empty());
  CaddyBench api(ProxySetup{}, false);
  CHECK(has(look(api).cost, "websocket"));
  CHECK(has(api.proxy().target(), "/id/shop"));
}

TEST_CASE("shares are exact to sampling error") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    CaddyBench bench(ProxySetup{}, by_file);
    for (const int share : {5, 30, 75}) {
      apply(bench, Weights(100 - share, share));
      constexpr int requests = 600;
      const double part = share / 100.0;
      CHECK(std::abs(green_part(bench, requests) - part) < 5 * std::sqrt(part * (1 - part) / requests));
    }
  }
}

TEST_CASE(
    "addresses that are found at run time: none yet, new ones, one that is gone, one that somebody else has now") {
  for (const bool by_file : both_ways) {
    INFO("by file: " << by_file);
    CaddyBench bench(ProxySetup{}, by_file);
    for (const auto& name : shares_in(bench)) fs::remove(bench.folder() / "caddy/shares" / name);
    bench.caddy().reload();
    const auto proxy = bench.make_proxy(bench.config());
    check_found_addresses(bench, *proxy, by_file, "50", [&] { return bench.caddy().ask("GET", "/config/"); });
  }
}

}  // namespace shunt::conformance
