#include "harness/shop.hpp"

#include <doctest/doctest.h>
#include <signal.h>

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/write.hpp>
#include <string>
#include <thread>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/load.hpp"

using namespace shunt::harness;
using namespace std::chrono_literals;

TEST_CASE("the shop says which version it is, and counts what is not a probe or a scrape") {
  const Shop shop({"v7", "green"});
  const auto front = http_get(shop.url());
  CHECK(front.status == 200);
  CHECK(front.body == "Shop v7\n");
  CHECK(front.header("x-version") == "v7");
  CHECK(http_get(shop.url("/health/ready")).status == 200);
  CHECK(http_get(shop.url("/missing")).status == 404);
  CHECK(http_get(shop.url("/slow?ms=1")).status == 200);
  CHECK(shop.requests() == 3);
  const auto metrics = http_get(shop.url("/metrics")).body;
  CHECK(metrics.find("http_requests_total{version=\"v7\",color=\"green\"} 3\n") != std::string::npos);
  CHECK(metrics.find("http_errors_total{version=\"v7\",color=\"green\"} 1\n") != std::string::npos);
}

TEST_CASE("a bad version is good until it has traffic") {
  const Shop shop({"v3", "green", 0, {"--error-rate-after-traffic", "0.25", "--traffic", "10"}});
  int bad = 0;
  for (int i = 0; i < 10; ++i) bad += http_get(shop.url()).status != 200 ? 1 : 0;
  CHECK(bad == 0);
  for (int i = 0; i < 40; ++i) bad += http_get(shop.url()).status == 500 ? 1 : 0;
  CHECK(bad == 10);
}

TEST_CASE("unhealthy, slow to start, crashing, refusing to start") {
  CHECK(http_get(Shop({"v1", "blue", 0, {"--unhealthy"}}).url("/health/ready")).status == 503);
  Shop late({"v1", "blue", 0, {"--start-delay", "300", "--log-line", "hello"}});
  CHECK(late.program().out() == "hello\n");
  Shop crashing({"v1", "blue", 0, {"--crash-after", "300"}});
  CHECK(crashing.program().wait(5s) == Exit{-1, SIGABRT});
  CHECK(run({shop_command({"v1", "blue", 1, {"--exit", "9"}})}).code() == 9);
  CHECK_THROWS(Shop({"v1", "blue", crashing.port(), {"--exit", "9"}}));
  const auto busy = run({shop_command({"v1", "blue", late.port()})});
  CHECK(busy.code() == 1);
  CHECK(busy.err.find("in use") != std::string::npos);
}

TEST_CASE("TERM finishes the requests in flight, and ends with 0") {
  Shop shop;
  HttpAnswer slow;
  std::thread client([&] { slow = http_get(shop.url("/slow?ms=400"), {{"Connection", "keep-alive"}}); });
  CHECK(eventually(5s, [&] { return shop.requests() == 1; }));
  CHECK(shop.program().terminate() == Exit{0, 0});
  client.join();
  CHECK(slow.status == 200);
  CHECK(slow.header("connection") == "close");
  CHECK(http_get(shop.url()).status == 0);
}

TEST_CASE("TERM closes the connections that wait for a request, as a proxy keeps them") {
  Shop shop;
  asio::io_context loop;
  asio::ip::tcp::socket idle(loop);
  idle.connect({asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(shop.port())});
  asio::write(idle, asio::buffer(std::string("GET / HTTP/1.1\r\n\r\n")));
  CHECK(eventually(5s, [&] { return shop.requests() == 1; }));
  CHECK(shop.program().terminate() == Exit{0, 0});
}

TEST_CASE("it carries the load of a test, and loses none of it") {
  const Shop shop;
  const auto wrk = run_wrk(shop.url(), 32, 1s);
  CHECK_MESSAGE(wrk.failed() == 0, wrk.text());
  CHECK_MESSAGE(wrk.requests > 1000, wrk.text());
  auto load = Load::hey(shop.url(), 4, 20s);
  CHECK(eventually(5s, [&] { return shop.requests() > wrk.requests + 100; }));
  const auto hey = load.stop();
  CHECK_MESSAGE(hey.failed() == 0, hey.text());
  CHECK(hey.requests > 0);
}
