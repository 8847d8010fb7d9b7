#include "adapters/runtime/docker/headroom.hpp"

#include <doctest/doctest.h>

#include <asio/io_context.hpp>
#include <map>
#include <string>

#include "loop/run.hpp"

using namespace shunt;
using namespace shunt::adapters::docker;

namespace {

/// An engine that answers by path, and 404 for what it does not know.
struct Canned : http::Client {
  std::map<std::string, std::string> bodies;

  Task<Result<http::Response>> send(http::Request request) override {
    auto path = request.url.substr(0, request.url.find('?'));
    const auto at = path.find("/v1.");
    path = at == std::string::npos ? path.substr(path.rfind('/')) : path.substr(path.find('/', at + 1));
    http::Response response;
    response.status = bodies.count(path) != 0 ? 200 : 404;
    if (path == "/_ping") {
      response.status = 200;
      response.headers.emplace_back("api-version", "1.41");
    }
    response.body = bodies.count(path) != 0 ? bodies[path] : "{}";
    co_return response;
  }
};

Result<std::optional<Headroom>> headroom_at(const std::string& address, Canned& client) {
  auto host = parse_host(address, [](const char*) { return std::optional<std::string>(); });
  REQUIRE(host);
  asio::io_context loop;
  Daemon daemon(client, *host);
  Containers containers(daemon);
  return loop::run(loop, headroom_of(daemon, containers));
}

}  // namespace

TEST_CASE("a machine elsewhere has what it is made of, without what its running containers use") {
  Canned client;
  client.bodies["/info"] = R"({"MemTotal":1000000})";
  client.bodies["/containers/json"] = R"([{"Id":"one"},{"Id":"two"},{"Id":"gone"}])";
  for (const std::string id : {"one", "two"})
    client.bodies["/containers/" + id + "/json"] = R"({"Id":")" + id + R"(","State":{"Status":"running"}})";
  client.bodies["/containers/one/stats"] = R"({"memory_stats":{"usage":300000,"stats":{"inactive_file":100000}}})";
  client.bodies["/containers/two/stats"] = R"({"memory_stats":{"usage":50000}})";
  const auto left = headroom_at("tcp://10.0.0.7:2375", client);
  REQUIRE(left);
  REQUIRE(*left);
  CHECK((*left)->machine == "10.0.0.7:2375");
  CHECK((*left)->memory == 1'000'000 - 200'000 - 50'000);
}

TEST_CASE("an engine that does not say what its machine has is told of") {
  Canned client;
  const auto left = headroom_at("tcp://10.0.0.7:2375", client);
  REQUIRE_FALSE(left);
  CHECK(left.error().code == "SH1434");
}

TEST_CASE("an engine of this machine shares the limits of this process") {
  Canned client;
  const auto left = headroom_at("tcp://127.0.0.1:2375", client);
  REQUIRE(left);
  CHECK_FALSE(*left);
  CHECK_FALSE(is_outside("/no/such/socket"));
}
