#include "adapters/proxy/haproxy/replies.hpp"

#include <doctest/doctest.h>

#include <random>

#include "adapters/proxy/haproxy/recorded.hpp"

namespace shunt::haproxy {

namespace {

TEST_CASE("answers are split at empty lines, but not at those inside quotes") {
  const auto text = recorded::info + "\n" + recorded::stat + "\n\n" + recorded::state + "\nadmin\n\n";
  const auto replies = split_replies(text, 5);
  REQUIRE(bool(replies));
  CHECK(replies->at(0) == recorded::info);
  CHECK(replies->at(1) == recorded::stat);
  CHECK(replies->at(2).empty());
  CHECK(replies->at(3) == recorded::state);
  CHECK(replies->at(4) == "admin\n");
}

TEST_CASE("half an answer can be asked for again, more than was asked for cannot") {
  const auto text = recorded::info + "\n" + recorded::stat + "\n";
  for (std::size_t length = 0; length < text.size(); ++length) {
    const auto replies = split_replies(std::string_view(text).substr(0, length), 2);
    REQUIRE_FALSE(bool(replies));
    CHECK(replies.error().code == "SH1503");
    CHECK(replies.error().retryable);
  }
  const auto more = split_replies(text, 1);
  REQUIRE_FALSE(bool(more));
  CHECK(more.error().code == "SH1503");
  CHECK_FALSE(more.error().retryable);
  CHECK(more.error().evidence["text"].get<std::string>().starts_with("Name: HAProxy"));
}

TEST_CASE("half of something else is not asked for again") {
  for (const char* text : {"HTTP/1.1 400 Bad Request\r\n\r\n", "NameX", "2\n", "+OK ready"}) {
    const auto replies = split_replies(text, 1);
    REQUIRE_FALSE(bool(replies));
    CHECK(replies.error().code == "SH1503");
    CHECK_FALSE(replies.error().retryable);
    CHECK(replies.error().evidence["text"] == text);
  }
}

TEST_CASE("what must be said by silence is refused when there are words") {
  const auto code_of = [](const std::string& reply) {
    return parse_done(reply, "set server shop/green weight 3").error().code;
  };
  CHECK(bool(parse_done("", "set server shop/green weight 3")));
  CHECK(code_of(recorded::no_such_server) == "SH1504");
  CHECK(code_of(recorded::no_such_backend) == "SH1504");
  CHECK(code_of(recorded::no_such_proxy) == "SH1504");
  CHECK(code_of(recorded::cannot_find) == "SH1504");
  CHECK(code_of(recorded::static_algorithm) == "SH1505");
  CHECK(code_of(recorded::no_permission) == "SH1505");
  CHECK(code_of("weight set\n") == "SH1503");
  const auto refused = parse_done("Unknown command.\nhelp\n", "set server shop/green weight 3");
  CHECK(refused.error().message == "HAProxy refused `set server shop/green weight 3`: Unknown command.");
  CHECK(refused.error().evidence["text"] == "Unknown command.\nhelp\n");
}

TEST_CASE("show info tells process and start") {
  const auto info = parse_info(recorded::info);
  REQUIRE(bool(info));
  CHECK(info->pid == 6799);
  CHECK(info->uptime == doctest::Approx(228.084829));
  CHECK(info->started == doctest::Approx(1795236560.848271));
  const auto old = parse_info("Name: HAProxy\nPid: 12\nUptime_sec: 5\n");
  REQUIRE(bool(old));
  CHECK(old->started == 0);
  for (const char* wrong : {"Name: HAProxy\nPid: 0\nUptime_sec: 5\n", "Name: HAProxy\nUptime_sec: 5\n",
                            "Name: HAProxy\nPid: 12\nUptime_sec: -5\n", "Name: HAProxy\nPid: 12\nUptime_sec: nan\n",
                            "Name: HAProxy\nPid: 12\nUptime_sec: 5\nStart_time_sec: 1e300\n", "", "Name: HAProxy"})
    CHECK(parse_info(wrong).error().code == "SH1503");
}

TEST_CASE("show stat tells weights, states and what is in flight") {
  const auto rows = parse_stat(recorded::stat);
  REQUIRE(bool(rows));
  REQUIRE(rows->size() == 3);
  const auto& blue = rows->at(0);
  CHECK(blue.server == "blue");
  CHECK(blue.status == "UP");
  CHECK(blue.weight == 100);
  CHECK(blue.configured == 100);
  CHECK(blue.sessions == 6);
  CHECK(blue.queued == 0);
  CHECK(blue.address == "127.0.0.1:18001");
  CHECK_FALSE(blue.is_backup);
  CHECK_FALSE(blue.is_backend);
  CHECK(rows->at(1).status == "DOWN 1/3");
  CHECK(rows->at(1).queued == 2);
  CHECK(rows->at(1).address == "127.0.0.1:18002");
  CHECK(rows->at(2).is_backend);
  CHECK(rows->at(2).algorithm == "roundrobin");
}

TEST_CASE("show stat with a number missing, a column missing, or half a line is no answer") {
  CHECK(parse_stat(recorded::no_such_proxy).error().code == "SH1504");
  CHECK(parse_stat(recorded::stat_head + "shop,blue,,\n").error().code == "SH1503");
  CHECK(parse_stat("# pxname,svname,status\nshop,blue,UP\n").error().code == "SH1503");
  CHECK(parse_stat(recorded::stat_head + "shop,\"blue").error().code == "SH1503");
  auto negative = recorded::stat;
  negative.replace(negative.find("UP,100"), 6, "UP,-10");
  CHECK(parse_stat(negative).error().code == "SH1503");
  auto huge = recorded::stat;
  huge.replace(huge.find("UP,100"), 6, "UP,99999999999");
  CHECK(parse_stat(huge).error().code == "SH1503");
}

TEST_CASE("show servers state tells administrative states and addresses") {
  const auto rows = parse_servers_state(recorded::state);
  REQUIRE(bool(rows));
  REQUIRE(rows->size() == 2);
  CHECK(rows->at(0).server == "blue");
  CHECK(rows->at(0).address == "127.0.0.1:18001");
  CHECK(rows->at(0).running == 2);
  CHECK(rows->at(0).admin == 0);
  CHECK(rows->at(1).admin == forced_maintenance);
  CHECK(rows->at(1).weight == 100);
  CHECK(parse_servers_state(recorded::cannot_find).error().code == "SH1504");
  CHECK(parse_servers_state("2\n# be_id\n").error().code == "SH1503");
  CHECK(parse_servers_state("1\n").error().code == "SH1503");
  CHECK(parse_servers_state("1\n# be_id be_name\n3 shop\n").error().code == "SH1503");
  CHECK(parse_servers_state(recorded::state_head + "3 shop 1 blue\n").error().code == "SH1503");
}

TEST_CASE("the level is one of three") {
  CHECK(*parse_level("admin\n") == "admin");
  CHECK(*parse_level("user\n") == "user");
  CHECK(parse_level("root\n").error().code == "SH1503");
  CHECK(parse_level("").error().code == "SH1503");
}

/// Every parser takes whatever it is given.
void read_all(const std::string& text) {
  for (const std::size_t commands : {0U, 1U, 4U}) {
    const auto replies = split_replies(text, commands);
    if (replies) CHECK(replies->size() == commands);
  }
  (void)parse_done(text, "set");
  (void)parse_info(text);
  (void)parse_stat(text);
  (void)parse_servers_state(text);
  (void)parse_level(text);
}

TEST_CASE("no bytes whatever break a parser") {
  std::mt19937 random(20261121);
  const std::string whole = recorded::info + "\n" + recorded::stat + "\n" + recorded::state + "\n";
  for (const auto& seed : {whole, recorded::info, recorded::stat, recorded::state}) {
    for (int round = 0; round < 2'000; ++round) {
      auto text = seed;
      for (int change = 0; change < 4; ++change) {
        const auto at = random() % text.size();
        const auto kind = random() % 4;
        if (kind == 0) text[at] = static_cast<char>(random());
        if (kind == 1) text.insert(at, 1, "\n\",# "[random() % 5]);
        if (kind == 2) text.erase(at, random() % 20 + 1);
        if (kind == 3) text.resize(at + 1);
        if (text.empty()) text = "\n";
      }
      read_all(text);
    }
  }
  for (int byte = 0; byte < 256; ++byte) read_all(std::string(3, static_cast<char>(byte)));
  read_all("");
}

TEST_CASE("what HAProxy says of an address is read to the end") {
  const std::string by = " by 'stats socket command'\n";
  for (const auto* fine : {"IP changed from '127.0.0.1' to '127.7.0.2', port changed from '9' to '18080'",
                           "no need to change the addr, port changed from '18080' to '18081'",
                           "IP changed from '::1' to '127.7.0.2', no need to change the port",
                           "no need to change the addr, no need to change the port"})
    CHECK(bool(parse_placed(fine + by, "set server")));
  const std::string family =
      "Update for the current server address family is only supported through configuration file";
  CHECK(parse_placed(family + by, "set server").error().code == "SH1505");
  CHECK(parse_placed(recorded::no_such_server, "set server").error().code == "SH1504");
  for (const std::string odd : {"", "IP changed from '1.1.1.1' to '2.2.2.2'", "Invalid addr 'nonsense'",
                                "no need to change the addr, problem converting port 'abc' to an int",
                                "no need to change the addr, no need to change the port\nand more"})
    CHECK(parse_placed(odd + by, "set server").error().code == "SH1503");
  CHECK(parse_placed("", "set server").error().code == "SH1503");
}

TEST_CASE("what else a server's state says: its check, and whether its address has a name") {
  const auto plain = parse_servers_state(recorded::state);
  REQUIRE(bool(plain));
  CHECK((*plain)[0].is_checked);
  CHECK_FALSE((*plain)[0].is_named);
  CHECK((*plain)[0].check_address.empty());
  const auto named = parse_servers_state(
      recorded::state_head +
      "3 shop 1 blue 127.0.0.1 2 0 100 100 11 1 0 3 0 0 0 0 blue.invalid 18001 - 0 0 10.0.0.7 - 0\n");
  REQUIRE(bool(named));
  CHECK_FALSE((*named)[0].is_checked);
  CHECK((*named)[0].is_named);
  CHECK((*named)[0].check_address == "10.0.0.7");
}

}  // namespace

}  // namespace shunt::haproxy
