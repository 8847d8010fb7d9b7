#include "adapters/runtime/process/launch.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "adapters/runtime/process/instance.hpp"

namespace shunt::adapters::process {

namespace {

InstanceSpec a_spec() {
  InstanceSpec spec;
  spec.id = "shop-web-blue-0";
  spec.labels.run = "run-1";
  spec.labels.version = "v1";
  spec.address = "127.0.0.1:3000";
  spec.config = {{"command", {"node", "server.js"}}, {"cwd", "/srv"}, {"restart", "never"}};
  return spec;
}

supervise::Spec asked(const InstanceSpec& spec) {
  return to_supervise(spec, supervise::Paths{"/f"}).value();
}

TEST_CASE("a supervisor is asked for what the runtime table says") {
  auto spec = a_spec();
  spec.stop_signal = 3;
  spec.stop_grace = Milliseconds(7);
  const auto told = asked(spec);
  CHECK(told.argv == std::vector<std::string>{"node", "server.js"});
  CHECK(told.cwd == "/srv");
  CHECK_FALSE(told.restart);
  CHECK(told.stop_signal == 3);
  CHECK(told.grace_ms == 7);
  CHECK(told.folder == "/f");
  CHECK(told.ticket.size() == 32);
  CHECK(told.ticket != asked(spec).ticket);
}

TEST_CASE("two specs differ by everything but their run") {
  const auto same = asked(a_spec()).sha;
  auto resumed = a_spec();
  resumed.labels.run = "run-2";
  resumed.labels.seq = 9;
  resumed.labels.epoch = 9;
  CHECK(asked(resumed).sha == same);
  for (const auto& change :
       std::vector<void (*)(InstanceSpec&)>{[](InstanceSpec& spec) { spec.labels.version = "v2"; },
                                            [](InstanceSpec& spec) { spec.address = "127.0.0.1:3001"; },
                                            [](InstanceSpec& spec) {
                                              spec.config["env"] = {{"A", "1"}};
                                            },
                                            [](InstanceSpec& spec) { spec.stop_signal = 2; },
                                            [](InstanceSpec& spec) { spec.config["command"][1] = "other.js"; }}) {
    auto changed = a_spec();
    change(changed);
    CHECK(asked(changed).sha != same);
  }
}

TEST_CASE("the supervisor is put into a scope where systemd runs, and only there") {
  std::string folder = (std::filesystem::temp_directory_path() / "shunt-scope-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  const std::string path = "/nonexistent:" + folder;
  CHECK(scope_command(folder, path, true).empty());
  std::ofstream(folder + "/systemd-run") << "#!/bin/sh\n";
  CHECK(scope_command(folder, path, true).empty());
  std::filesystem::permissions(folder + "/systemd-run", std::filesystem::perms::owner_all);
  const auto command = scope_command(folder, path, true);
  REQUIRE_FALSE(command.empty());
  CHECK(command.front() == folder + "/systemd-run");
  CHECK(command.back() == "--");
  const auto users = scope_command(folder, path, false);
  CHECK(std::count(users.begin(), users.end(), "--user") == 1);
  CHECK(std::count(command.begin(), command.end(), "--user") == 0);
  CHECK(scope_command("/nonexistent", path, true).empty());
  std::filesystem::remove_all(folder);
}

TEST_CASE("an id of any bytes is one name of one folder") {
  CHECK(paths_of("/s", "shop-web-blue-0").folder == "/s/shop-web-blue-0");
  CHECK(paths_of("/s", "v1.2_x").folder == "/s/v1.2_x");
  CHECK(paths_of("/s", "../x").folder == "/s/%2E.%2Fx");
  CHECK(paths_of("/s", ".").folder == "/s/%2E");
  CHECK(paths_of("/s", "a%b").folder == "/s/a%25b");
}

}  // namespace

}  // namespace shunt::adapters::process
