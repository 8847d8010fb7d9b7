// What only the HAProxy adapter does.
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fmt/format.h>
#include <thread>

#include "adapters/conformance/proxy_haproxy_bench.hpp"
#include "harness/http_get.hpp"
#include "harness/load.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

ProxyView look(HaproxyBench& bench, Proxy& proxy) {
  auto view = bench.run(proxy.observe());
  if (!view) FAIL_CHECK(to_paragraph(view.error()));
  return view ? *view : ProxyView();
}

ProxyView look(HaproxyBench& bench) {
  return look(bench, bench.proxy());
}

void apply(HaproxyBench& bench, Proxy& proxy, Weights weights) {
  const auto applied = bench.run(proxy.apply(weights));
  if (!applied) FAIL_CHECK(to_paragraph(applied.error()));
}

/// The error of the first look with other keys in the configuration.
Error refusal_with(HaproxyBench& bench, const Value& keys, const std::string& code) {
  auto config = bench.config();
  config.merge_patch(keys);
  const auto proxy = bench.make_proxy(config);
  const auto view = bench.run(proxy->observe());
  if (view) {
    FAIL_CHECK("no error " << code);
    return {};
  }
  INFO(to_paragraph(view.error()));
  CHECK(view.error().code == code);
  CHECK_FALSE(view.error().remedy.empty());
  const auto applied = bench.run(proxy->apply(Weights(0, 100)));
  REQUIRE_FALSE(bool(applied));
  CHECK(applied.error().code == code);
  return view.error();
}

TEST_CASE("names that are not there, or that HAProxy cannot have, are refused") {
  HaproxyBench bench(ProxySetup{});
  refusal_with(bench, {{"backend", "nope"}}, "SH1504");
  CHECK(refusal_with(bench, {{"servers", {{"green", {"gren0"}}}}}, "SH1504").remedy == "did you mean 'green0'?");
  for (const char* name : {"green0 weight 100;set server shop/blue0", "green0;show info", "green0\nshow info", "",
                           "gr n", "gr\xc3\xbcn", "shop/green0"})
    CHECK(refusal_with(bench, {{"servers", {{"green", {name}}}}}, "SH1504").kind == Kind::config);
  refusal_with(bench, {{"backend", "shop 6 -1;clear counters all;show stat shop"}}, "SH1504");
  refusal_with(bench, {{"servers", {{"green", {"blue0"}}}}}, "SH1504");
  CHECK(look(bench).weights == Weights(100, 0));
}

TEST_CASE("a socket that is not there, is none, or may not be used is unreachable") {
  HaproxyBench bench(ProxySetup{});
  const auto socket_is = [&](const std::string& socket) { return refusal_with(bench, {{"socket", socket}}, "SH1501"); };
  CHECK(socket_is(bench.folder() / "missing.sock").retryable);
  CHECK(socket_is(bench.folder().write("file", "text")).retryable);
  CHECK(socket_is(fmt::format("127.0.0.1:{}", harness::free_port())).retryable);
  const auto too_long = socket_is("/tmp/" + std::string(120, 'x'));
  CHECK(too_long.kind == Kind::config);
  CHECK(too_long.message.find("at most 107 bytes, it has 125") != std::string::npos);
  for (const char* nowhere : {"admin", "127.0.0.1", "127.0.0.1:", ":80", ""})
    CHECK(socket_is(nowhere).kind == Kind::config);
}

TEST_CASE("a socket whose backlog is full answers too late") {
  HaproxyBench bench(ProxySetup{});
  const auto path = bench.folder() / "full.sock";
  const FullBacklog full(path);
  const auto begin = bench.now();
  refusal_with(bench, {{"socket", path.string()}, {"timeout", "200ms"}}, "SH1502");
  CHECK(bench.now() - begin >= 390);
  CHECK(bench.now() - begin < 1'000);
}

TEST_CASE("an answer without end is none") {
  HaproxyBench bench(ProxySetup{});
  const auto path = bench.folder() / "endless.sock";
  const Peer endless(path, [](int connection) {
    const std::string much(1 << 20, 'x');
    while (send_all(connection, much)) continue;
  });
  refusal_with(bench, {{"socket", path.string()}, {"timeout", "10s"}}, "SH1503");
}

TEST_CASE("a peer that drips its answer is held to the timeout of the whole") {
  HaproxyBench bench(ProxySetup{});
  const auto path = bench.folder() / "drip.sock";
  const Peer drip(path, [](int connection) {
    while (send_all(connection, "x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  const auto begin = bench.now();
  refusal_with(bench, {{"socket", path.string()}, {"timeout", "200ms"}}, "SH1502");
  CHECK(bench.now() - begin < 1'000);
}

TEST_CASE("the socket may be host:port") {
  HaproxyBench bench(ProxySetup{});
  const int port = harness::free_port();
  const Peer relay(port, [&](int connection) {
    const auto line = receive_until(connection, "\n");
    const int socket = connect_to(bench.haproxy().socket());
    send_all(socket, line);
    send_all(connection, receive_all(socket));
    ::close(socket);
  });
  auto config = bench.config();
  config["socket"] = fmt::format("localhost:{}", port);
  const auto proxy = bench.make_proxy(config);
  apply(bench, *proxy, Weights(50, 50));
  CHECK(look(bench, *proxy).effective == Weights(50, 50));
  CHECK(proxy->target() == fmt::format("haproxy:localhost:{}:shop", port));
}

TEST_CASE("the target is the same however the path is written") {
  HaproxyBench bench(ProxySetup{});
  auto config = bench.config();
  config["socket"] = "/run/haproxy/../haproxy//admin.sock";
  CHECK(bench.make_proxy(config)->target() == "haproxy:/run/haproxy/admin.sock:shop");
}

TEST_CASE("a socket that may only look says so before anything is shifted, and refuses in one piece") {
  HaproxyBench bench(ProxySetup{});
  const auto path = bench.folder() / "operator.sock";
  const Peer relay(path, [&](int connection) {
    const auto line = receive_until(connection, "\n");
    const int socket = connect_to(bench.haproxy().socket());
    send_all(socket, "operator;" + line);  // lowers the level of this connection, and says "" about it
    const auto answer = receive_all(socket);
    send_all(connection, answer.substr(answer.find('\n') + 1));
    ::close(socket);
  });
  auto config = bench.config();
  config["socket"] = path.string();
  const auto proxy = bench.make_proxy(config);
  const auto view = look(bench, *proxy);
  CHECK_FALSE(view.shiftable);
  CHECK(view.note.find("level operator") != std::string::npos);
  const auto refused = bench.run(proxy->apply(Weights(0, 100)));
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1505");
  CHECK(refused.error().remedy.find("level admin") != std::string::npos);
  CHECK(look(bench).weights == Weights(100, 0));
}

TEST_CASE("an algorithm that turns out to be static is remembered") {
  harness::HaproxyOptions options;
  options.balance = "source";
  HaproxyBench bench(ProxySetup{}, options);
  CHECK(look(bench).shiftable);
  CHECK(look(bench).note.find("hash-type consistent") != std::string::npos);
  CHECK(bench.run(bench.proxy().apply(Weights(100, 10))).error().code == "SH1505");
  CHECK_FALSE(look(bench).shiftable);
  CHECK(look(bench).weights == Weights(100, 0));
}

TEST_CASE("algorithms that can be shifted are shifted") {
  for (const char* balance : {"leastconn", "random", "source\n  hash-type consistent"}) {
    INFO(balance);
    harness::HaproxyOptions options;
    options.balance = balance;
    HaproxyBench bench(ProxySetup{}, options);
    apply(bench, bench.proxy(), Weights(70, 30));
    CHECK(look(bench).shiftable);
    CHECK(look(bench).effective == Weights(70, 30));
  }
}

TEST_CASE("a cookie that keeps clients is told") {
  harness::HaproxyOptions options;
  options.backend_lines = {"cookie SRV insert"};
  HaproxyBench bench(ProxySetup{}, options);
  CHECK(look(bench).note.find("cookie SRV") != std::string::npos);
  CHECK(look(bench).sticky);
  HaproxyBench without(ProxySetup{});
  CHECK_FALSE(look(without).sticky);
}

TEST_CASE("a color is closed to everybody, stays closed over a restart, and is opened by the next raise") {
  ProxySetup setup;
  setup.is_persistent = true;
  setup.servers = {2, 2};
  HaproxyBench bench(setup);
  auto& proxy = bench.proxy();
  const auto closed = [&](const char* state) {
    for (const auto& server : look(bench).servers)
      if (server.color == Colour::blue && server.state != state) return false;
    return true;
  };
  const auto refused = bench.run(proxy.close(Colour::blue));
  REQUIRE(!refused);
  CHECK(refused.error().code == "SH1506");
  CHECK(closed("up"));

  apply(bench, proxy, Weights(0, 100));
  for (int twice = 0; twice < 2; ++twice) REQUIRE(bench.run(proxy.close(Colour::blue)));
  CHECK(closed("maint"));
  CHECK(look(bench).weights == Weights(0, 100));
  CHECK(look(bench).effective == Weights(0, 100));
  bench.restart();
  CHECK(closed("maint"));

  apply(bench, proxy, Weights(100, 100));
  CHECK(bench.eventually([&] { return look(bench).effective == Weights(50, 50); }));
}

TEST_CASE("what HAProxy lost while it was told is found") {
  HaproxyBench bench(ProxySetup{});
  const auto path = bench.folder() / "forgetful.sock";
  const Peer relay(path, [&](int connection) {
    auto line = receive_until(connection, "\n");
    const int socket = connect_to(bench.haproxy().socket());
    const auto at = line.find("weight 40");
    if (at != std::string::npos) line.replace(at, 9, "weight 41");
    send_all(socket, line);
    send_all(connection, receive_all(socket));
    ::close(socket);
  });
  auto config = bench.config();
  config["socket"] = path.string();
  const auto proxy = bench.make_proxy(config);
  const auto applied = bench.run(proxy->apply(Weights(100, 40)));
  REQUIRE_FALSE(bool(applied));
  CHECK(applied.error().code == "SH1506");
  CHECK(applied.error().evidence["weight"] == 41);
}

TEST_CASE("weights beyond 0 to 100 never reach HAProxy") {
  HaproxyBench bench(ProxySetup{});
  for (const auto& weights : {Weights(101, 0), Weights(0, -1)})
    CHECK_FALSE(bool(bench.run(bench.proxy().apply(weights))));
  CHECK(bench.relay().connections() == 0);
}

TEST_CASE("a look is one connection, a raise two, a switch three") {
  HaproxyBench bench(ProxySetup{});
  const auto connections_of = [&](const std::function<void()>& act) {
    const int before = bench.relay().connections();
    act();
    return bench.relay().connections() - before;
  };
  CHECK(connections_of([&] { look(bench); }) == 1);
  CHECK(connections_of([&] { apply(bench, bench.proxy(), Weights(100, 0)); }) == 1);
  CHECK(connections_of([&] { apply(bench, bench.proxy(), Weights(100, 50)); }) == 2);
  CHECK(connections_of([&] { apply(bench, bench.proxy(), Weights(0, 100)); }) == 3);
}

TEST_CASE("more servers than fit into one line are told over several") {
  ProxySetup setup;
  setup.servers = PerColour<int>(40, 40);
  setup.has_odd_names = true;
  setup.is_checked = false;
  HaproxyBench bench(setup);
  for (int i = 0; i < 40; ++i)  // so that every server needs two commands, 8,400 bytes in all
    bench.tell(fmt::format("set server {}/{} state maint", bench.backend(), bench.name_of_server(Colour::green, i)));
  const int before = bench.relay().connections();
  apply(bench, bench.proxy(), Weights(100, 100));
  CHECK(bench.relay().connections() - before >= 2);
  CHECK(look(bench).effective == Weights(50, 50));
  CHECK(look(bench).usable == PerColour<int>(40, 40));
}

TEST_CASE("a state file keeps the weights of every backend across a reload, and is not for one user alone") {
  ProxySetup setup;
  setup.is_persistent = true;
  harness::HaproxyOptions options;
  options.backend_lines = {"option redispatch", "backend other", "server one 127.0.0.1:1 weight 7", "backend shop2"};
  HaproxyBench bench(setup, options);
  bench.tell("set server other/one weight 9");
  auto config = bench.config();
  config["backend"] = "shop2";
  const auto proxy = bench.make_proxy(config);
  apply(bench, *proxy, Weights(15, 85));
  const auto file = bench.folder().read("haproxy/state");
  CHECK(file.starts_with("1\n# be_id be_name"));
  CHECK(file.find(" other 1 one ") != std::string::npos);
  struct stat facts {};
  REQUIRE(::stat(bench.haproxy().state_file().c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777) == 0644);
  const auto before = look(bench, *proxy);
  bench.haproxy().reload();
  CHECK(look(bench, *proxy).weights == Weights(15, 85));
  CHECK(look(bench, *proxy).started > before.started);
  CHECK(bench.tell("get weight other/one").starts_with("9 "));
}

TEST_CASE("a server that is down when its weight is set need not be down after a reload") {
  ProxySetup setup;
  setup.is_persistent = true;
  harness::HaproxyOptions options;
  options.backend_lines = {"http-check expect status 201"};
  HaproxyBench bench(setup, options);
  REQUIRE(bench.eventually([&] { return look(bench).usable == PerColour<int>{0, 0}; }));
  apply(bench, bench.proxy(), Weights(0, 100));
  CHECK(bench.tell("show servers state shop").find(" green0 127.0.0.1 0 ") != std::string::npos);
  CHECK(bench.folder().read("haproxy/state").find(" green0 127.0.0.1 2 ") != std::string::npos);
}

TEST_CASE("a state file that cannot be written is said after the weights were set") {
  ProxySetup setup;
  HaproxyBench bench(setup);
  auto config = bench.config();
  config["state_file"] = bench.folder() / "no-such-folder/state";
  const auto proxy = bench.make_proxy(config);
  const auto applied = bench.run(proxy->apply(Weights(100, 20)));
  REQUIRE_FALSE(bool(applied));
  CHECK(applied.error().code == "SH1507");
  CHECK(applied.error().message.find("the weights are set") != std::string::npos);
  CHECK(look(bench).weights == Weights(100, 20));
}

TEST_CASE("idle connections of clients and to servers are not in flight, under load they are") {
  HaproxyBench bench(ProxySetup{});
  auto load = harness::Load::wrk(bench.haproxy().url(), 8, std::chrono::seconds(20));
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue.value_or(0) > 0; }));
  const auto counted = load.stop();
  CHECK(counted.requests > 0);
  CHECK(counted.failed() == 0);
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue == 0; }));
}

TEST_CASE("switching to and fro under load loses no request") {
  HaproxyBench bench(ProxySetup{});
  auto load = harness::Load::wrk(bench.haproxy().url(), 8, std::chrono::seconds(60));
  REQUIRE(bench.eventually([&] { return look(bench).in_flight.blue.value_or(0) > 0; }));
  for (int i = 0; i < 20; ++i) {
    const auto to = i % 2 == 0 ? Colour::green : Colour::blue;
    Weights weights;
    weights[to] = 100;
    apply(bench, bench.proxy(), weights);
    CHECK(look(bench).effective == weights);
    CHECK(harness::http_get(bench.haproxy().url()).body == bench.name_of_server(to, 0));
  }
  const auto counted = load.stop();
  INFO(counted.text());
  CHECK(counted.requests > 100);
  CHECK(counted.failed() == 0);
}

/// Servers b and g, beside those of the bench, that are told where instances are.
struct FoundBench {
  HaproxyBench bench;
  Value config;
  std::unique_ptr<Proxy> proxy;
  PerColour<std::string> at;  ///< where the bench's own servers answer

  explicit FoundBench(ProxySetup setup = {}, harness::HaproxyOptions options = {})
      : bench(setup, with_servers(std::move(options))), config(bench.config()) {
    config["servers"] = {{"blue", {"b"}}, {"green", {"g"}}};
    proxy = bench.make_proxy(config);
    for (const auto& server : look(bench).servers) at[server.color] = server.address;
    bench.set_weights(Weights(0, 0));
  }

  static harness::HaproxyOptions with_servers(harness::HaproxyOptions options) {
    if (options.servers.empty()) options.servers = {harness::found_later("b"), harness::found_later("g")};
    return options;
  }

  void found(std::vector<std::string> blue, std::vector<std::string> green) {
    proxy->instances_found_at({std::move(blue), std::move(green)});
  }
  ProxyView seen() { return look(bench, *proxy); }
  void set(Weights weights) { apply(bench, *proxy, weights); }
  bool comes_to(Weights shares) {
    return bench.eventually([&] { return seen().effective == shares; });
  }
  std::string answer() { return harness::http_get(bench.haproxy().url()).body; }
};

TEST_CASE("servers are told where their instances are before they get a share, and only when it is new") {
  FoundBench it;
  it.found({it.at.blue}, {""});
  CHECK(it.seen().effective == Weights(0, 0));
  it.set(Weights(100, 0));
  REQUIRE(it.comes_to(Weights(100, 0)));
  CHECK(it.answer() == "blue0");
  CHECK(it.seen().servers[1].address == "127.0.0.1:9");
  it.found({it.at.blue}, {it.at.green});
  CHECK_FALSE(it.seen().stale);
  it.set(Weights(100, 100));
  REQUIRE(it.comes_to(Weights(50, 50)));
  const int before = it.bench.relay().connections();
  it.set(Weights(0, 100));
  CHECK(it.bench.relay().connections() - before == 2);
  CHECK(it.answer() == "green0");
  it.found({""}, {it.at.green});  // blue is retired
  it.set(Weights(0, 100));
  CHECK(it.seen().servers[0].address == it.at.blue);
  CHECK(it.seen().effective == Weights(0, 100));
}

TEST_CASE("an instance that was started again elsewhere has no share until the same weights are applied again") {
  FoundBench it;
  it.found({it.at.blue}, {});
  it.set(Weights(100, 0));
  REQUIRE(it.comes_to(Weights(100, 0)));
  it.found({it.at.green}, {});  // blue0 is somebody else now
  CHECK(it.seen().stale);
  CHECK(it.seen().weights == Weights(100, 0));
  CHECK(it.seen().effective == Weights(0, 0));
  it.set(Weights(100, 0));
  CHECK_FALSE(it.seen().stale);
  CHECK(it.answer() == "green0");
  it.found({""}, {});
  CHECK(it.seen().stale);
  it.set(Weights(100, 0));
  CHECK(it.answer() != "green0");
  CHECK_FALSE(it.seen().stale);
  CHECK(it.seen().effective == Weights(0, 0));
}

TEST_CASE("what HAProxy knew of another address does not make a server usable") {
  harness::HaproxyOptions options;
  options.inter = "30s";
  FoundBench it({}, options);
  it.found({it.at.blue}, {it.at.green});
  it.bench.tell("set server shop/g health up");
  it.found({it.at.blue}, {fmt::format("127.0.0.1:{}", harness::free_port())});
  it.set(Weights(0, 100));
  CHECK(it.seen().weights == Weights(0, 100));
  CHECK(it.seen().usable.green == 0);
}

TEST_CASE(
    "with a state file a server that has a name keeps its address over reload and restart; without a name, half") {
  ProxySetup setup;
  setup.is_persistent = true;
  harness::HaproxyOptions options;
  options.servers = {harness::found_later("b"), {"g", 9, 0}};
  FoundBench it(setup, options);
  it.found({it.at.blue}, {it.at.green});
  it.set(Weights(100, 100));
  REQUIRE(it.comes_to(Weights(50, 50)));
  it.bench.haproxy().reload();
  CHECK(it.seen().servers[0].address == it.at.blue);
  CHECK(it.comes_to(Weights(50, 50)));  // the address in the configuration is the same, the port is the file's
  it.bench.restart();
  CHECK(it.seen().servers[0].address == it.at.blue);
  bool named = false;
  for (const auto& finding : it.bench.run(it.proxy->examine())) {
    CHECK(finding.what.find("'b'") == std::string::npos);
    named = named || (!finding.fine && finding.what.find("'g' keeps its weight and port") != std::string::npos);
  }
  CHECK(named);

  FoundBench forgetful;
  forgetful.found({forgetful.at.blue}, {});
  forgetful.set(Weights(100, 0));
  forgetful.bench.haproxy().reload();
  CHECK(forgetful.seen().weights == Weights(0, 0));
  CHECK(forgetful.seen().servers[0].address == "127.0.0.1:9");
}

TEST_CASE("a colour with more instances than servers is not raised, and doctor says so") {
  FoundBench it;
  it.found({it.at.blue}, {it.at.green, it.at.blue});
  const auto refused = it.bench.run(it.proxy->apply(Weights(100, 10)));
  REQUIRE_FALSE(bool(refused));
  CHECK(refused.error().code == "SH1504");
  CHECK(refused.error().message.find("has 1 servers for green (g), which has 2 instances") != std::string::npos);
  CHECK(it.seen().weights == Weights(0, 0));
  bool said = false;
  for (const auto& finding : it.bench.run(it.proxy->examine()))
    said = said || (!finding.fine && finding.what.find("which has 2 instances") != std::string::npos);
  CHECK(said);
}

TEST_CASE("an address that did not get there is found before anything is raised") {
  FoundBench it;
  const auto path = it.bench.folder() / "forgetful.sock";
  const Peer relay(path, [&](int connection) {
    auto line = receive_until(connection, "\n");
    const int socket = connect_to(it.bench.haproxy().socket());
    const auto at = line.find("shop/b addr 127.0.0.1");
    if (at != std::string::npos) line.replace(at, 21, "shop/b addr 127.0.0.2");
    send_all(socket, line);
    send_all(connection, receive_all(socket));
    ::close(socket);
  });
  it.config["socket"] = path.string();
  it.proxy = it.bench.make_proxy(it.config);
  it.found({it.at.blue}, {});
  const auto applied = it.bench.run(it.proxy->apply(Weights(100, 0)));
  REQUIRE_FALSE(bool(applied));
  CHECK(applied.error().code == "SH1506");
  CHECK(it.seen().weights == Weights(0, 0));
}

}  // namespace

}  // namespace shunt::conformance
