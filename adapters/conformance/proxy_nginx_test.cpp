// What only the nginx adapter does.
#include <doctest/doctest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <fstream>
#include <thread>

#include "adapters/conformance/found_addresses.hpp"
#include "adapters/conformance/proxy_nginx_bench.hpp"
#include "adapters/proxy/nginx/nginx_proxy.hpp"
#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "loop/deadline.hpp"

namespace shunt::conformance {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

ProxyView look(NginxBench& bench, Proxy& proxy) {
  auto view = bench.run(proxy.observe());
  if (!view) FAIL_CHECK(to_paragraph(view.error()));
  return view ? *view : ProxyView();
}

ProxyView look(NginxBench& bench) {
  return look(bench, bench.proxy());
}

void apply(NginxBench& bench, Proxy& proxy, Weights weights) {
  const auto applied = bench.run(proxy.apply(weights));
  if (!applied) FAIL_CHECK(to_paragraph(applied.error()));
}

void apply(NginxBench& bench, Weights weights) {
  apply(bench, bench.proxy(), weights);
}

Error refusal(NginxBench& bench, Proxy& proxy, Weights weights) {
  const auto applied = bench.run(proxy.apply(weights));
  if (applied) FAIL("it was not refused");
  INFO(to_paragraph(applied.error()));
  CHECK_FALSE(applied.error().remedy.empty());
  CHECK(applied.error().message.find('\n') == std::string::npos);
  return applied.error();
}

Error refusal(NginxBench& bench, Weights weights) {
  return refusal(bench, bench.proxy(), weights);
}

/// The error of a first look and of a first setting with other keys in the configuration.
Error refusal_with(NginxBench& bench, const Value& keys) {
  auto config = bench.config();
  config.merge_patch(keys);
  const auto proxy = bench.make_proxy(config);
  const auto view = bench.run(proxy->observe());
  if (view) FAIL("it was not refused");
  CHECK(refusal(bench, *proxy, Weights(0, 100)).code == view.error().code);
  return view.error();
}

Value with(NginxBench& bench, const Value& keys) {
  auto config = bench.config();
  config.merge_patch(keys);
  return config;
}

mode_t mode_of(const fs::path& path) {
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  return facts.st_mode & 07777;
}

void break_configuration(NginxBench& bench) {
  std::ofstream(bench.nginx().config(), std::ios::app) << "no_such_directive on;\n";
}

std::vector<pid_t> sorted_workers(NginxBench& bench) {
  auto workers = bench.nginx().workers();
  std::sort(workers.begin(), workers.end());
  return workers;
}

const std::vector<bool> both_ways = {true, false};

}  // namespace

TEST_CASE("the first request after each of 20 switches reaches the right colour") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
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

TEST_CASE("a switch by link reloads nothing and runs no command") {
  NginxBench bench(ProxySetup{}, true);
  const auto workers = sorted_workers(bench);
  bench.make(ProxyTrouble::hang);
  for (const auto& weights : {Weights(100, 100), Weights(0, 100), Weights(0, 0), Weights(30, 70)})
    apply(bench, weights);
  CHECK(sorted_workers(bench) == workers);
}

TEST_CASE("nobody gets requests where neither colour has a weight, and nginx goes on") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
    apply(bench, Weights(0, 0));
    const auto view = look(bench);
    CHECK(view.weights == Weights(0, 0));
    CHECK(view.effective == Weights(0, 0));
    CHECK(view.usable == PerColour<int>(1, 1));
    CHECK(bench.answer() == "502");
    bench.nginx().restart();
    CHECK(look(bench).effective == Weights(0, 0));
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "green0");
    CHECK(look(bench).effective == Weights(0, 100));
  }
}

TEST_CASE("before the first deployment nothing is reached, and the first setting writes all of it") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
    const auto placeholder =
        by_link ? "map \"\" $shunt_shop { default \"\"; }\n" : "upstream shop { server 127.0.0.1:9 down; }\n";
    fs::remove_all(bench.nginx().link().parent_path());
    bench.write_without_reload(placeholder);
    bench.nginx().restart();
    const auto view = look(bench);
    CHECK(view.weights == Weights(0, 0));
    CHECK(view.effective == Weights(0, 0));
    CHECK(view.usable == PerColour<int>(1, 1));
    apply(bench, Weights(100, 0));
    CHECK(look(bench).effective == Weights(100, 0));
    CHECK(bench.answer() == "blue0");
  }
}

TEST_CASE("a file that is missing is no deployment yet") {
  NginxBench bench(ProxySetup{}, false);
  fs::remove(bench.nginx().include_file());
  CHECK(look(bench).weights == Weights(0, 0));
  CHECK(look(bench).effective == Weights(0, 0));
  apply(bench, Weights(0, 100));
  CHECK(mode_of(bench.nginx().include_file()) == 0644);
  CHECK(bench.answer() == "green0");
}

TEST_CASE("what nginx refuses is put back, and nothing is reloaded") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
    const auto before = bench.file();
    const auto workers = sorted_workers(bench);
    break_configuration(bench);
    PerColour<std::vector<std::string>> elsewhere = bench.addresses();
    elsewhere.green.push_back("127.0.0.1:7");
    bench.proxy().instances_at(elsewhere);
    const auto error = refusal(bench, Weights(0, 100));
    CHECK(error.code == "SH1509");
    CHECK(error.message.find("no_such_directive") != std::string::npos);
    CHECK(error.evidence["text"].get<std::string>().find("unknown directive \"no_such_directive\"") !=
          std::string::npos);
    CHECK(bench.file() == before);
    CHECK(sorted_workers(bench) == workers);
    bench.proxy().instances_at(bench.addresses());
    CHECK(look(bench).effective == Weights(100, 0));
    CHECK(look(bench).weights == Weights(100, 0));
    CHECK(bench.answer() == "blue0");
  }
}

TEST_CASE("an nginx that cannot take up its configuration keeps its old workers, and that is said with its reason") {
  NginxBench bench(ProxySetup{}, false);
  auto config = with(bench, {{"test", {"true"}}, {"timeout", "500ms"}});
  config["reload"] = {"kill", "-HUP", std::to_string(bench.nginx().master())};
  const auto proxy = bench.make_proxy(config);
  break_configuration(bench);
  const auto error = refusal(bench, *proxy, Weights(0, 100));
  CHECK(error.code == "SH1506");
  CHECK(error.message.find("unknown directive \"no_such_directive\"") != std::string::npos);
  const auto view = look(bench);
  CHECK(view.weights == Weights(0, 100));
  CHECK(view.effective == Weights(100, 0));
  CHECK_FALSE(view.in_flight.blue);
  CHECK(view.note.find("next reload") != std::string::npos);
  CHECK(bench.answer() == "blue0");
}

TEST_CASE("a file that was written and not taken up is taken up by the next setting of the same weights") {
  NginxBench bench(ProxySetup{}, false);
  const auto idle = bench.make_proxy(with(bench, {{"reload", {"true"}}, {"timeout", "200ms"}}));
  CHECK(refusal(bench, *idle, Weights(0, 100)).code == "SH1506");
  CHECK(look(bench).effective == Weights(100, 0));
  CHECK(refusal(bench, *idle, Weights(50, 50)).code == "SH1506");
  CHECK(look(bench).weights == Weights(50, 50));
  CHECK(look(bench).effective == Weights(100, 0));
  apply(bench, Weights(50, 50));
  CHECK(look(bench).effective == Weights(50, 50));
  CHECK(look(bench).note.empty());
}

TEST_CASE("commands that hang are ended in time, and what was not tested goes") {
  NginxBench bench(ProxySetup{}, false);
  const auto before = bench.file();
  bench.make(ProxyTrouble::hang);
  const auto proxy = bench.make_proxy(with(bench, {{"timeout", "300ms"}}));
  const auto begin = bench.now();
  const auto error = refusal(bench, *proxy, Weights(0, 100));
  CHECK(error.code == "SH1502");
  CHECK(error.kind == Kind::timeout);
  CHECK(error.retryable);
  CHECK(bench.now() - begin >= 290);
  CHECK(bench.now() - begin < 1'500);
  CHECK(bench.file() == before);
  const auto tested = bench.make_proxy(with(bench, {{"timeout", "300ms"}, {"test", {"true"}}}));
  CHECK(refusal(bench, *tested, Weights(0, 100)).code == "SH1502");
  CHECK(look(bench).weights == Weights(0, 100));
  CHECK(look(bench).effective == Weights(100, 0));
}

TEST_CASE("a setting that is cancelled while nginx is told leaves a file that the next one takes up") {
  NginxBench bench(ProxySetup{}, false);
  const auto proxy = bench.make_proxy(with(bench, {{"reload", {"sleep", "10"}}}));
  const auto cancelled = bench.run(loop::with_deadline(proxy->apply(Weights(0, 100)), Milliseconds(300)));
  CHECK_FALSE(cancelled.has_value());
  CHECK(look(bench).weights == Weights(0, 100));
  CHECK(look(bench).effective == Weights(100, 0));
  apply(bench, Weights(100, 0));
  CHECK(look(bench).effective == Weights(100, 0));
}

TEST_CASE("commands that cannot be run are named") {
  NginxBench bench(ProxySetup{}, false);
  const auto no_test = bench.make_proxy(with(bench, {{"test", {"no-such-program"}}}));
  const auto error = refusal(bench, *no_test, Weights(0, 100));
  CHECK(error.code == "SH1501");
  CHECK(error.kind == Kind::config);
  CHECK(error.message.find("no-such-program") != std::string::npos);
  CHECK(look(bench).weights == Weights(100, 0));
}

TEST_CASE("an nginx that does not run is unreachable") {
  for (const bool by_link : both_ways) {
    NginxBench bench(ProxySetup{}, by_link);
    const auto view = look(bench);
    bench.make(ProxyTrouble::down);
    CHECK(bench.run(bench.proxy().observe()).error().code == "SH1501");
    CHECK(refusal(bench, Weights(0, 100)).retryable);
    bench.make(ProxyTrouble::none);
    CHECK(look(bench).weights == Weights(100, 0));
    CHECK(look(bench).started > view.started);
    CHECK(refusal_with(bench, {{"pid_file", (bench.folder() / "none").string()}}).code == "SH1501");
    const auto stranger = bench.folder().write("stranger.pid", std::to_string(::getpid()));
    CHECK(refusal_with(bench, {{"pid_file", stranger.string()}}).code == "SH1501");
  }
}

TEST_CASE("names, splits and links that could mean something else to nginx are refused") {
  NginxBench bench(ProxySetup{}, true);
  for (const char* upstream : {"", "sh-op", "shop;", "1shop", "a b"})
    CHECK(refusal_with(bench, {{"upstream", upstream}}).code == "SH1504");
  for (const char* split : {"", "user", "$a\" x", "$a;", "{$a}"})
    CHECK(refusal_with(bench, {{"split", split}}).code == "SH1002");
  for (const char* link : {"relative", "/tmp/50", "/tmp/nobody", "/tmp/weights-1-2", "/tmp/a$b", "/tmp/a\nb", "/"})
    CHECK(refusal_with(bench, {{"link", link}}).code == "SH1002");
  CHECK(refusal_with(bench, {{"link", nullptr}}).code == "SH1003");
  CHECK(refusal_with(bench, {{"test", Value::array()}}).code == "SH1002");
  CHECK(refusal(bench, Weights(101, 0)).code == "SH1505");
  CHECK(refusal(bench, Weights(0, -1)).code == "SH1505");
  PerColour<std::vector<std::string>> bad = bench.addresses();
  bad.green = {"127.0.0.1:1; } server { listen 1"};
  bench.proxy().instances_at(bad);
  CHECK(refusal(bench, Weights(100, 0)).code == "SH1504");
  CHECK(look(bench).weights == Weights(100, 0));
}

TEST_CASE("a colour of which nobody knows where it answers gets nothing, the other one does") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
    bench.write_by_hand(by_link ? "map \"\" $shunt_shop { default \"\"; }\n"
                                : "upstream shop { server 127.0.0.1:9 down; }\n");
    PerColour<std::vector<std::string>> half;
    half.blue = bench.addresses().blue;
    bench.proxy().instances_at(half);
    CHECK(refusal(bench, Weights(100, 100)).code == "SH1504");
    apply(bench, Weights(100, 0));
    CHECK(look(bench).effective == Weights(100, 0));
    CHECK(look(bench).usable == PerColour<int>(1, 0));
    bench.proxy().instances_at(bench.addresses());
    apply(bench, Weights(100, 100));
    CHECK(look(bench).effective == Weights(50, 50));
    bench.proxy().instances_at({});  // what the file says is kept
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "green0");
  }
}

TEST_CASE("instances that answer elsewhere are taken up") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
    PerColour<std::vector<std::string>> swapped;
    swapped.blue = bench.addresses().green;
    swapped.green = bench.addresses().blue;
    bench.proxy().instances_at(swapped);
    apply(bench, Weights(0, 100));
    CHECK(bench.answer() == "blue0");
    apply(bench, Weights(100, 0));
    CHECK(bench.answer() == "green0");
  }
}

TEST_CASE("a link changed by hand is seen at once, and what was there is told again") {
  NginxBench bench(ProxySetup{}, true);
  bench.set_weights(Weights(30, 70));
  CHECK(look(bench).weights == Weights(30, 70));
  CHECK(look(bench).effective == Weights(30, 70));
  fs::remove(bench.nginx().link());
  CHECK(look(bench).effective == Weights(100, 0));
  CHECK(look(bench).note.find("missing") != std::string::npos);
  CHECK(bench.answer() == "blue0");
  fs::create_symlink("/tmp", bench.nginx().link());
  CHECK(look(bench).note.find("leads to /tmp") != std::string::npos);
  CHECK(bench.answer() == "blue0");
  apply(bench, Weights(0, 100));
  CHECK(look(bench).note.empty());
  CHECK(bench.answer() == "green0");
}

TEST_CASE("a file changed by hand is seen once nginx has taken it up") {
  NginxBench bench(ProxySetup{}, false);
  auto text = bench.file();
  text.insert(text.find("  server"), fmt::format("  server {} weight=3;\n", bench.addresses().green.front()));
  bench.write_without_reload(text);
  auto view = look(bench);
  CHECK(view.weights == Weights(25, 75));
  CHECK(view.effective == Weights(100, 0));
  bench.write_by_hand(text);
  view = look(bench);
  CHECK(view.weights == Weights(25, 75));
  CHECK(view.effective == Weights(25, 75));
  bench.write_by_hand("upstream shop { server " + bench.addresses().green.front() + "; server 127.0.0.1:9; }\n");
  view = look(bench);
  CHECK(view.effective == Weights(0, 50));
  CHECK(view.note.find("127.0.0.1:9") != std::string::npos);
  apply(bench, Weights(100, 0));
  CHECK(look(bench).effective == Weights(100, 0));
}

TEST_CASE("a file that nobody can read as nginx does is left alone") {
  for (const bool by_link : both_ways) {
    NginxBench bench(ProxySetup{}, by_link);
    bench.write_without_reload("upstream shop {\n  server 127.0.0.1:1\n}\n");
    const auto view = bench.run(bench.proxy().observe());
    REQUIRE_FALSE(bool(view));
    CHECK(view.error().code == "SH1508");
    CHECK(view.error().message.find("upstream.conf cannot be understood: line 2") != std::string::npos);
    CHECK(refusal(bench, Weights(0, 100)).code == "SH1508");
    CHECK(bench.file() == "upstream shop {\n  server 127.0.0.1:1\n}\n");
  }
}

TEST_CASE("what else stands in the file stays, also when it was written while nginx was asked") {
  for (const bool by_link : both_ways) {
    NginxBench bench(ProxySetup{}, by_link);
    const std::string other = "\n# mine\nupstream other { server 127.0.0.1:1; keepalive 2; }\n";
    bench.write_by_hand(bench.file() + other);
    if (by_link) bench.proxy().instances_at({{}, {"127.0.0.1:7"}});
    apply(bench, Weights(0, 100));
    CHECK(bench.file().ends_with(other));
  }
  NginxBench bench(ProxySetup{}, false);
  const auto edit = fmt::format("echo '# edited' >> {}; exit 1", bench.nginx().include_file().string());
  const auto proxy = bench.make_proxy(with(bench, {{"test", {"sh", "-c", edit}}}));
  CHECK(refusal(bench, *proxy, Weights(0, 100)).code == "SH1509");
  CHECK(bench.file().ends_with("# edited\n"));
}

TEST_CASE("two services share a file, and two programs that set them at the same time lose nothing") {
  NginxBench bench(ProxySetup{}, false);
  apply(bench, Weights(100, 0));
  const auto other = bench.make_proxy(with(bench, {{"upstream", "other"}}));
  const auto child = ::fork();
  if (child == 0) {
    asio::io_context loop;
    BenchContext context(loop, bench.folder().path());
    const auto adapter = adapters::nginx_proxy();
    auto config = validate(adapter.info.schema, with(bench, {{"upstream", "third"}}), "proxy");
    auto proxy = adapter.make(context.context(), *config);
    proxy->instances_at(bench.addresses());
    bool good = true;
    for (int i = 0; i < 5; ++i) good = bool(loop::run(loop, proxy->apply(Weights(100 - i, i)))) && good;
    ::_exit(good ? 0 : 1);
  }
  for (int i = 0; i < 5; ++i) apply(bench, *other, Weights(i, 100 - i));
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(look(bench).weights == Weights(100, 0));
  CHECK(look(bench, *other).weights == Weights(4, 96));
  const auto third = bench.make_proxy(with(bench, {{"upstream", "third"}}));
  CHECK(look(bench, *third).weights == Weights(96, 4));
  CHECK(look(bench, *third).effective == Weights(96, 4));
}

TEST_CASE("workers that may not enter the folder are found before anything is switched") {
  if (::getuid() != 0) return;
  harness::NginxOptions options;
  options.user = "nobody nogroup";
  CHECK_THROWS_WITH(NginxBench(ProxySetup{}, true, options), doctest::Contains("may not enter"));
}

TEST_CASE("a request of nine seconds is ended by the old worker, which is counted until then") {
  NginxBench bench(ProxySetup{}, false);
  auto held = bench.hold(false);
  apply(bench, Weights(100, 100));
  CHECK_FALSE(look(bench).in_flight.blue);
  apply(bench, Weights(0, 100));
  CHECK(look(bench).in_flight.blue == 1);
  CHECK_FALSE(look(bench).in_flight.green);
  std::this_thread::sleep_for(9s);
  CHECK(look(bench).in_flight.blue == 1);
  held.reset();
  CHECK(bench.folder().read("held") == "blue0");
  CHECK(bench.eventually([&] { return look(bench).in_flight.blue == 0; }));
}

TEST_CASE("the target is the same however the path is written") {
  NginxBench bench(ProxySetup{}, false);
  const auto proxy = bench.make_proxy(with(bench, {{"file", "/etc/nginx/../nginx//shop.conf"}}));
  CHECK(proxy->target() == "nginx:/etc/nginx/shop.conf:shop");
}

TEST_CASE("what a switch costs is told where it costs something") {
  for (const bool by_link : both_ways) {
    NginxBench bench(ProxySetup{}, by_link);
    CHECK(look(bench).cost.empty() == by_link);
  }
}

TEST_CASE(
    "addresses that are found at run time: none yet, new ones, one that is gone, one that somebody else has now") {
  for (const bool by_link : both_ways) {
    INFO("by link: " << by_link);
    NginxBench bench(ProxySetup{}, by_link);
    bench.write_by_hand(by_link ? "map \"\" $shunt_shop { default \"\"; }\n"
                                : "upstream shop { server 127.0.0.1:9 down; }\n");
    const auto proxy = bench.make_proxy(bench.config());
    check_found_addresses(bench, *proxy, by_link, "502",
                          [&] { return fmt::format("{}", fmt::join(sorted_workers(bench), " ")); });
  }
}

TEST_CASE("an edit of the upstream by hand is no instance that moved") {
  NginxBench bench(ProxySetup{}, false);
  const auto proxy = bench.make_proxy(bench.config());
  proxy->instances_found_at(bench.addresses());
  apply(bench, *proxy, Weights(100, 0));
  bench.write_by_hand("upstream shop { server " + bench.addresses().green.front() + "; server 127.0.0.1:9; }\n");
  const auto view = look(bench, *proxy);
  CHECK_FALSE(view.stale);
  CHECK(view.weights == Weights(0, 50));
}

}  // namespace shunt::conformance
