// Who is told how a deployment ended, and that nothing depends on it.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

#include "e2e/site.hpp"

using namespace shunt::e2e;
using namespace std::chrono_literals;
using shunt::harness::Receiver;

namespace {

constexpr const char* key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// The app file's lines for a webhook at that port.
std::string webhook(int port, const std::string& more = "") {
  return fmt::format(
      "notify = {{ {{ type = \"webhook\", url = \"http://127.0.0.1:{}/hook\", secret = secret \"file:key\", {} }} }},",
      port, more);
}

std::vector<std::string> events_in(const Receiver& receiver) {
  std::vector<std::string> events;
  for (const auto& request : receiver.received())
    events.push_back(Json::parse(request.body)["type"].get<std::string>());
  return events;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Told {
  Told() : port(shunt::harness::free_ports(1).front()), site(options) {
    site.folder.write("key", key);
    configure("");
  }

  void configure(const std::string& more) {
    options.more = webhook(port, more);
    site.configure(options);
  }

  SiteOptions options;
  int port;
  Site site;
};

}  // namespace

TEST_CASE("a webhook is told how deployments end and what the strategy has to say, each once, and no secret is kept") {
  Told told;
  auto& site = told.site;
  const Receiver receiver(told.port);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  CHECK(events_in(receiver) == std::vector<std::string>{"deployment.succeeded"});

  site.folder.write("mine.lua",
                    "return { api = 1, summary = \"mine\", run = function(deploy)\n"
                    "local new = deploy:launch() new:await_healthy()\n"
                    "deploy:notify(\"half way\", { ticket = 7 })\ndeploy:fail(\"enough\")\nend }\n");
  const auto failed = site.shunt({"deploy", "v2", "--strategy", "mine.lua"});
  CAPTURE(failed.text());
  CHECK(failed.code == 1);
  CHECK(has(failed.text(), "half way"));
  const auto requests = receiver.received();
  REQUIRE(events_in(receiver) ==
          std::vector<std::string>{"deployment.succeeded", "deployment.message", "deployment.rolled_back"});
  CHECK(requests[0].header("webhook-id") != requests[1].header("webhook-id"));
  CHECK_FALSE(requests[2].header("webhook-signature").empty());
  const auto message = Json::parse(requests[1].body)["data"];
  CHECK(message["text"] == "half way");
  CHECK(message["fields"]["ticket"] == 7);
  const auto ended = Json::parse(requests[2].body)["data"];
  CHECK(has(ended["text"], "v2 was rolled back: enough"));
  CHECK(has(ended["text"], "v1 (blue) serves"));
  CHECK(ended["exit"] == 1);
  CHECK(ended["version"] == "v2");

  const auto shown = site.shunt({"--json", "show"});
  const auto list = Json::parse(shown.out)["notifications"];
  REQUIRE(list.size() == 2);
  CHECK(list[1]["state"] == "sent");
  for (const auto& file : std::filesystem::directory_iterator(site.state() / "shop"))
    if (file.is_regular_file()) CHECK_FALSE(has(site.folder.read(file.path()), "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
}

TEST_CASE("only the events that were asked for are told, and an event that does not exist is refused") {
  Told told;
  const Receiver receiver(told.port);
  told.configure("on = { \"started\" }");
  REQUIRE(told.site.shunt({"deploy", "v1"}).code == 0);
  CHECK(events_in(receiver) == std::vector<std::string>{"deployment.started"});
  told.configure("on = { \"rolledback\" }");
  const auto refused = told.site.shunt({"deploy", "v2"});
  CHECK(refused.code == 2);
  CHECK(has(refused.text(), "did you mean 'rolled_back'"));
}

TEST_CASE("a receiver that is down or hangs fails no deployment; what waits is sent later, with the same id") {
  Told told;
  auto& site = told.site;
  const auto deployed = site.shunt({"deploy", "v1"});
  CAPTURE(deployed.text());
  REQUIRE(deployed.code == 0);
  CHECK(has(deployed.text(), "was not told of succeeded"));
  CHECK(has(site.shunt({"doctor"}).text(), "could not be delivered"));

  std::string id;
  {
    Receiver receiver(told.port);
    receiver.hang();
    const auto began = std::chrono::steady_clock::now();
    CHECK(site.shunt({"deploy", "v2"}).code == 0);
    CHECK(std::chrono::steady_clock::now() - began < 30s);
    REQUIRE_FALSE(receiver.received().empty());
    id = receiver.received().back().header("webhook-id");
  }
  const Receiver receiver(told.port);
  const auto all_told = [&] {
    static_cast<void>(site.shunt({"cleanup", "--due"}));
    return receiver.received().size() >= 2;
  };
  CHECK(shunt::harness::eventually(90s, all_told, 1s));
  const auto told_late = receiver.received();
  REQUIRE(told_late.size() == 2);
  CHECK((told_late[0].header("webhook-id") == id || told_late[1].header("webhook-id") == id));
  static_cast<void>(site.shunt({"cleanup", "--due"}));
  CHECK(receiver.received().size() == 2);
}

TEST_CASE("what was queued outlives a shunt that is killed before it could send it") {
  Told told;
  auto& site = told.site;
  {
    Receiver receiver(told.port);
    receiver.hang();
    auto running = site.start({"deploy", "v1"});
    REQUIRE(shunt::harness::eventually(20s, [&] { return !receiver.received().empty(); }));
    running.kill();
  }
  const Receiver receiver(told.port);
  CHECK(site.shunt({"cleanup", "--due"}).code == 0);
  CHECK(events_in(receiver) == std::vector<std::string>{"deployment.succeeded"});
}

TEST_CASE("a receiver that wants no more is left alone until its table changes") {
  Told told;
  auto& site = told.site;
  Receiver receiver(told.port);
  receiver.answer(410);
  REQUIRE(site.shunt({"deploy", "v1"}).code == 0);
  CHECK(receiver.received().size() == 1);
  receiver.answer(204);
  const auto silent = site.shunt({"deploy", "v2"});
  CHECK(silent.code == 0);
  CHECK(has(silent.text(), "wants no more"));
  CHECK(receiver.received().size() == 1);
  told.configure("name = \"again\"");
  REQUIRE(site.shunt({"deploy", "v3"}).code == 0);
  CHECK(receiver.received().size() == 2);
}
