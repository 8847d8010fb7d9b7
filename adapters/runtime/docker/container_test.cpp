#include "adapters/runtime/docker/container.hpp"

#include <doctest/doctest.h>

#include "adapters/runtime/docker/labels.hpp"
#include "adapters/runtime/spec_sha.hpp"

namespace shunt::adapters::docker {

namespace {

InstanceSpec spec_of_web() {
  InstanceSpec spec;
  spec.id = "shop-web-green-0";
  spec.labels.app = "shop";
  spec.labels.service = "web";
  spec.labels.color = Colour::green;
  spec.labels.version = "v2";
  spec.labels.run = "r1";
  spec.address = "127.0.0.1:3001";
  spec.config = {{"image", "shop:v2"}, {"port", 80}, {"publish", {{"green", {3001}}}}};
  return spec;
}

Value inspected(const Value& state) {
  return {{"Id", "abc"},
          {"Name", "/shop-web-green-0"},
          {"RestartCount", 2},
          {"State", state},
          {"Config", {{"Image", "shop:v2"}, {"Labels", labels_of(spec_of_web())}, {"Tty", false}}},
          {"NetworkSettings",
           {{"Ports", {{"80/tcp", {{{"HostIp", "127.0.0.1"}, {"HostPort", "3001"}}}}, {"81/tcp", nullptr}}},
            {"Networks", {{"bridge", {{"IPAddress", "172.17.0.3"}}}}}}}};
}

Container container_of(const Value& state) {
  const auto container = container_in(inspected(state));
  REQUIRE(container.has_value());
  return *container;
}

const Value running = {{"Status", "running"}, {"Pid", 12}, {"ExitCode", 0}, {"StartedAt", "2026-11-28T21:29:38.427Z"}};

TEST_CASE("what is created has the image, the port on loopback, the signal and the labels") {
  auto spec = spec_of_web();
  spec.stop_signal = 3;
  const auto body = creation_of(spec, {{"A", "1"}, {"B", "two words"}}, "shop:v2");
  CHECK(body["Image"] == "shop:v2");
  CHECK(body["StopSignal"] == "SIGQUIT");
  CHECK(body["Env"] == Value({"A=1", "B=two words"}));
  CHECK(body["ExposedPorts"].contains("80/tcp"));
  CHECK(body["HostConfig"]["PortBindings"]["80/tcp"][0] == Value({{"HostIp", "127.0.0.1"}, {"HostPort", "3001"}}));
  CHECK(body["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped");
  CHECK(body["Labels"]["shunt.instance"] == "shop-web-green-0");
  CHECK_FALSE(body.contains("Cmd"));
  CHECK_FALSE(body.contains("NetworkingConfig"));
  CHECK_FALSE(body["HostConfig"].contains("Memory"));
  // An image may have a signal of its own.
  CHECK_FALSE(creation_of(spec_of_web(), Value::object(), "shop:v2").contains("StopSignal"));
}

TEST_CASE("limits, volumes, commands and networks are passed on") {
  auto spec = spec_of_web();
  spec.config.update({{"memory", "512m"},
                      {"cpus", 0.5},
                      {"restart", "never"},
                      {"command", {"serve", "--port", "80"}},
                      {"volumes", {"data:/data"}},
                      {"networks", {"front", "back"}}});
  const auto body = creation_of(spec, Value::object(), "shop:v2");
  CHECK(body["HostConfig"]["Memory"] == 512 * 1024 * 1024);
  CHECK(body["HostConfig"]["NanoCpus"] == 500'000'000);
  CHECK(body["HostConfig"]["RestartPolicy"]["Name"] == "no");
  CHECK(body["HostConfig"]["Binds"] == Value({"data:/data"}));
  CHECK(body["HostConfig"]["NetworkMode"] == "front");
  CHECK(body["Cmd"] == Value({"serve", "--port", "80"}));
  CHECK(body["NetworkingConfig"]["EndpointsConfig"]["front"]["Aliases"] == Value({"web-green"}));
  const auto further = further_networks(spec, "abc");
  REQUIRE(further.size() == 1);
  CHECK(further[0].first == "back");
  CHECK(further[0].second["Container"] == "abc");
  spec.config["aliases"] = {"shop"};
  CHECK(further_networks(spec, "abc")[0].second["EndpointConfig"]["Aliases"] == Value({"shop"}));
}

TEST_CASE("an engine's words become an instance's state") {
  const auto runs = container_of(running);
  CHECK(runs.is_ours);
  CHECK(runs.lives);
  CHECK(runs.name == "shop-web-green-0");
  CHECK(runs.state.state == "running");
  CHECK(runs.state.pid == 12);
  CHECK(runs.state.restarts == 2);
  CHECK(runs.state.started == 1795901378427);
  CHECK_FALSE(runs.state.exit_code.has_value());
  CHECK(runs.state.labels.version == "v2");
  CHECK(runs.port == 80);

  const auto waits = container_of({{"Status", "restarting"}, {"Pid", 0}, {"ExitCode", 3}});
  CHECK(waits.lives);
  CHECK(waits.state.state == "restarting");
  CHECK(waits.state.exit_code == 3);
  const auto ended = container_of({{"Status", "exited"}, {"Pid", 7}, {"ExitCode", 137}});
  CHECK_FALSE(ended.lives);
  CHECK(ended.state.state == "exited");
  CHECK(ended.state.pid == 0);
  const auto created = container_of({{"Status", "created"}, {"ExitCode", 0}});
  CHECK(created.is_created);
  CHECK_FALSE(created.lives);
  CHECK(created.state.state == "starting");
  CHECK_FALSE(created.state.exit_code.has_value());
  CHECK(container_of({{"Status", "paused"}}).state.state == "paused");
  CHECK(container_of({{"Status", "dead"}}).state.state == "exited");

  auto podman = inspected({{"Status", "stopped"}, {"ExitCode", 3}});
  CHECK(container_in(podman)->state.state == "exited");
  podman["HostConfig"] = {{"RestartPolicy", {{"Name", "no"}}}};
  CHECK_FALSE(container_in(podman)->lives);
  podman["HostConfig"]["RestartPolicy"]["Name"] = "unless-stopped";
  CHECK(container_in(podman)->state.state == "restarting");
  CHECK(container_in(podman)->lives);
}

TEST_CASE("health is the container's own, with the last line that its check printed") {
  Value state = running;
  CHECK(container_of(state).state.health.empty());
  state["Health"] = {{"Status", "unhealthy"}, {"Log", {{{"Output", "one\n"}}, {{"Output", "two\nno database\n"}}}}};
  CHECK(container_of(state).state.health == "unhealthy");
  CHECK(container_of(state).health_note == "no database");
  state["Health"] = {{"Status", "none"}};
  CHECK(container_of(state).state.health.empty());
}

TEST_CASE("it answers at its published port, else at its own address") {
  auto container = container_of(running);
  CHECK(address_of(container, 80, "127.0.0.1") == "127.0.0.1:3001");
  CHECK(address_of(container, 0, "127.0.0.1") == "127.0.0.1:3001");
  CHECK(address_of(container, 81, "127.0.0.1") == "172.17.0.3:81");
  container.published[0].host = "0.0.0.0";
  CHECK(address_of(container, 80, "127.0.0.1") == "127.0.0.1:3001");
  CHECK(address_of(container, 80, "10.0.0.7") == "10.0.0.7:3001");
  container.published.clear();
  CHECK(address_of(container, 80, "127.0.0.1") == "172.17.0.3:80");
  CHECK(address_of(container, 0, "127.0.0.1").empty());
  container.state.state = "exited";
  CHECK(address_of(container, 80, "127.0.0.1").empty());
}

TEST_CASE("what is no container is none") {
  CHECK_FALSE(container_in(Value()).has_value());
  CHECK_FALSE(container_in({{"Id", "abc"}}).has_value());
  CHECK_FALSE(container_in({{"Id", 7}, {"State", Value::object()}}).has_value());
  CHECK_FALSE(container_in({{"Id", "a"}, {"State", Value::object()}, {"Config", 7}})->is_ours);
}

TEST_CASE("labels come back as they were, whatever bytes they hold") {
  auto spec = spec_of_web();
  spec.labels.version = "v 1.0-\"rc\"=\n\xc3\xa9 \xff%41;$(x)%";
  spec.labels.run = "100%";
  InstanceState state;
  REQUIRE(read_labels(labels_of(spec), state));
  CHECK(state.labels.version == spec.labels.version);
  CHECK(state.labels.run == "100%");
  CHECK(state.spec_sha == spec_sha(spec));
  CHECK_FALSE(read_labels({{"shunt.app", "shop"}}, state));
  CHECK_FALSE(read_labels({{"shunt.instance", ""}}, state));
}

TEST_CASE("times and sizes") {
  CHECK(unix_ms("1970-01-01T00:00:01.5Z") == 1500);
  CHECK(unix_ms("2026-11-28T21:29:38.42709077Z") == 1795901378427);
  CHECK(unix_ms("2026-11-28T22:29:38.05+01:00") == 1795901378050);
  CHECK(unix_ms("2026-11-28T21:29:38Z") == 1795901378000);
  CHECK(unix_ms("0001-01-01T00:00:00Z") == 0);
  for (const char* none : {"", "yesterday", "2026-11-28", "2026-11-28T21:29:38"}) CHECK(unix_ms(none) == 0);
  CHECK(bytes_in(1024) == 1024);
  CHECK(bytes_in("512m") == 512 * 1024 * 1024);
  CHECK(bytes_in("2G") == std::int64_t{2} << 30);
  CHECK(bytes_in("100kb") == 102'400);
  for (const Value& none : {Value(), Value(0), Value(-1), Value(1.5), Value(""), Value("m"), Value("1x"), Value("-1m"),
                            Value("9223372036854775807g")})
    CHECK_FALSE(bytes_in(none).has_value());
}

}  // namespace

}  // namespace shunt::adapters::docker
