#include <doctest/doctest.h>

#include "adapters/proxy/caddy/handler.hpp"

using namespace shunt;
using namespace shunt::caddy;

namespace {

const Addresses one_each({"127.0.0.1:3000"}, {"127.0.0.1:3001"});
const Addresses two_and_three({"b:1", "b:2"}, {"g:1", "g:2", "g:3"});

Handler handler_of(const char* text) {
  const auto handler = handler_in(Value::parse(text));
  REQUIRE(handler);
  return *handler;
}

Handler with_list(const Value& list) {
  Handler handler;
  handler.upstreams = list;
  return handler;
}

std::vector<std::string> dials_of(const Value& list) {
  return with_list(list).dials();
}

}  // namespace

TEST_CASE("a handler has a policy and a list") {
  const auto plain = handler_of(R"({"handler":"reverse_proxy","upstreams":[{"dial":"a:1"},{"max_requests":3}]})");
  CHECK(plain.policy == "random");
  CHECK(plain.dials() == std::vector<std::string>{"a:1", ""});
  CHECK(plain.lists_upstreams);
  const auto cookie = handler_of(
      R"({"handler":"reverse_proxy","load_balancing":{"selection_policy":{"policy":"cookie","name":"x","secret":"s"}}})");
  CHECK(cookie.policy == "cookie x s");
  CHECK_FALSE(cookie.lists_upstreams);
  CHECK(handler_of(R"({"handler":"reverse_proxy","upstreams":null})").lists_upstreams);
  CHECK(handler_of(R"({"handler":"reverse_proxy","dynamic_upstreams":{"source":"a"}})").finds_upstreams);
}

TEST_CASE("what is no handler, or has no list that is one, is refused") {
  for (const char* text : {"null", "7", "[]", "{}", R"({"handler":"static_response"})", R"({"handler":7})"}) {
    const auto handler = handler_in(Value::parse(text));
    REQUIRE_FALSE(handler);
    CHECK(handler.error().code == "SH1504");
  }
  for (const char* list : {"7", "{}", "[7]", "[null]", "\"a\""}) {
    const auto handler =
        handler_in(Value::parse(R"({"handler":"reverse_proxy","upstreams":)" + std::string(list) + "}"));
    REQUIRE_FALSE(handler);
    CHECK(handler.error().code == "SH1503");
  }
  for (const char* odd : {"7", "[]", "{\"selection_policy\":7}", "{\"selection_policy\":{\"policy\":[]}}"})
    CHECK(handler_in(Value::parse(R"({"handler":"reverse_proxy","load_balancing":)" + std::string(odd) + "}")));
}

TEST_CASE("a list gives each colour its part, whatever the numbers of servers, and says the weights") {
  const auto list = upstreams_for(Handler(), Announced{one_each}, Weights(75, 25), "shunt:/id/x");
  CHECK(dials_of(list) ==
        std::vector<std::string>{"127.0.0.1:3000", "127.0.0.1:3000", "127.0.0.1:3000", "127.0.0.1:3001"});
  CHECK(list[0]["@id"] == "shunt:/id/x:75:25");
  CHECK_FALSE(list[1].contains("@id"));
  for (const auto& weights : {Weights(100, 100), Weights(100, 50), Weights(50, 0), Weights(0, 100), Weights(99, 1),
                              Weights(0, 0), Weights(1, 100)})
    for (const auto& addresses : {one_each, two_and_three}) {
      const auto handler = with_list(upstreams_for(Handler(), Announced{addresses}, weights, "shunt:/id/x"));
      CHECK(weights_of(handler, Announced{addresses}, "shunt:/id/x") == weights);
      const auto shares = count(handler.dials(), addresses).shares();
      if (weights == Weights(100, 100)) CHECK(shares == Weights(50, 50));
      if (weights == Weights(0, 0)) CHECK(shares == Weights(0, 0));
      if (weights == Weights(99, 1)) CHECK(shares == Weights(99, 1));
    }
}

TEST_CASE("weights that do not fit the list are not believed") {
  auto list = upstreams_for(Handler(), Announced{one_each}, Weights(100, 50), "shunt:/id/x");
  CHECK(weights_of(with_list(list), Announced{one_each}, "shunt:/id/y") == Weights(67, 33));
  list.push_back({{"dial", "127.0.0.1:3001"}});
  CHECK(weights_of(with_list(list), Announced{one_each}, "shunt:/id/x") == Weights(50, 50));
  list = upstreams_for(Handler(), Announced{one_each}, Weights(100, 50), "shunt:/id/x");
  list.push_back({{"dial", "elsewhere:1"}});
  CHECK(weights_of(with_list(list), Announced{one_each}, "shunt:/id/x") == Weights(50, 25));
  CHECK(count(dials_of(list), one_each).shares() == Weights(50, 25));
  for (const char* mark : {"shunt:/id/x", "shunt:/id/x:", "shunt:/id/x:1", "shunt:/id/x:1:", "shunt:/id/x:a:b",
                           "shunt:/id/x:101:50", "shunt:/id/x:-1:50", "shunt:/id/x:99999999999:1"}) {
    list = Value::array({{{"dial", "127.0.0.1:3000"}, {"@id", mark}}});
    CHECK(weights_of(with_list(list), Announced{one_each}, "shunt:/id/x") == Weights(100, 0));
  }
}

TEST_CASE("what an operator wrote into an entry stays with every repetition, his @id with the first") {
  auto handler = with_list(Value::array({{{"dial", "127.0.0.1:3000"}, {"max_requests", 9}, {"@id", "mine"}}}));
  const auto list = upstreams_for(handler, Announced{one_each}, Weights(100, 50), "shunt:/id/x");
  REQUIRE(list.size() == 3);
  CHECK(list[0]["@id"] == "mine");
  CHECK(list[1]["@id"] == "shunt:/id/x:100:50");
  CHECK(list[1]["max_requests"] == 9);
  handler.upstreams = list;
  CHECK(upstreams_for(handler, Announced{one_each}, Weights(100, 50), "shunt:/id/x") == list);
}

TEST_CASE("hashing policies get an entry in a spelling of its own for each part") {
  Handler handler;
  handler.policy = "ip_hash";
  const auto list = upstreams_for(handler, Announced{one_each}, Weights(2, 1), "shunt:/id/x");
  CHECK(dials_of(list) == std::vector<std::string>{"127.0.0.1:3000", "127.0.0.1:03000", "127.0.0.1:3001"});
  handler.upstreams = list;
  CHECK(weights_of(handler, Announced{one_each}, "shunt:/id/x") == Weights(2, 1));
}

TEST_CASE("addresses are plain, however a list spells them") {
  CHECK(plain("tcp/127.0.0.1:003000") == "127.0.0.1:3000");
  CHECK(plain("[::1]:0080") == "[::1]:80");
  CHECK(plain("h:000") == "h:0");
  CHECK(plain("unix//run/x.sock") == "unix//run/x.sock");
  CHECK(plain("{env.X}:80") == "{env.X}:80");
  CHECK(plain("").empty());
  CHECK(is_address("web-1.local:80"));
  for (const char* text : {"", ":80", "a:", "a", "a:b", "a b:1", "{x}:1", "a:1\n", "a/b:1"})
    CHECK_FALSE(is_address(text));
}

TEST_CASE("handlers are found in a whole configuration, but not endlessly deep") {
  const auto config = Value::parse(
      R"({"apps":{"http":{"servers":{"s":{"routes":[{"handle":[{"handler":"reverse_proxy","upstreams":[{"dial":"a:1"}]},
      {"handler":"reverse_proxy"}]}]}}}}})");
  CHECK(places_of_handlers(config) == std::vector<std::string>{"/config/apps/http/servers/s/routes/0/handle/0 (a:1)",
                                                               "/config/apps/http/servers/s/routes/0/handle/1"});
  Value deep = Value::parse(R"({"handler":"reverse_proxy"})");
  for (int i = 0; i < 5'000; ++i) deep = Value::array({std::move(deep)});
  CHECK(places_of_handlers(deep).empty());
  CHECK(places_of_handlers(Value()).empty());
}

TEST_CASE("a list of addresses that were found at run time is known for shunt's own when the instances are elsewhere") {
  const auto mark = "shunt:/id/x";
  const Announced then{one_each, true};
  const Announced now{Addresses({"172.17.0.5:80"}, {"172.17.0.6:80"}), true};
  auto list = upstreams_for(Handler(), then, Weights(100, 50), mark);
  CHECK(list[0]["@id"] == "shunt:/id/x:100:50 127.0.0.1:3000 127.0.0.1:3001");
  CHECK(marked_weights(with_list(list), now, mark) == Weights(100, 50));
  list[0]["dial"] = "10.0.0.1:1";
  CHECK_FALSE(marked_weights(with_list(list), now, mark));
  CHECK(weights_of(with_list(list), now, mark) == Weights(0, 0));

  const Announced nobody{Addresses(), true};
  list = upstreams_for(Handler(), nobody, Weights(100, 0), mark);
  CHECK(with_list(list).dials() == std::vector<std::string>{"127.0.0.1:9"});
  CHECK(marked_weights(with_list(list), now, mark) == Weights(100, 0));
  for (const auto* id : {"shunt:/id/x:100:0 ", "shunt:/id/x:100:0 ,", "shunt:/id/x:100:0  ", "shunt:/id/x:100 0"}) {
    list[0]["@id"] = id;
    CHECK(weights_of(with_list(list), now, mark).green == 0);
  }
}
