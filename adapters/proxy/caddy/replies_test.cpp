#include <doctest/doctest.h>

#include "adapters/proxy/caddy/admin.hpp"
#include "adapters/proxy/caddy/replies.hpp"

using namespace shunt;
using namespace shunt::caddy;

namespace {

/// Bytes that nobody who is Caddy sends.
const std::vector<std::string> foreign = {
    "",        "<html></html>", "\xff\xfe", std::string("\0{}", 3),    "[",
    "{\"a\":", "nul",           "1 2",      std::string(100'000, '['), "{\"a\":\"\xc3\x28\"}"};

}  // namespace

TEST_CASE("requests are counted by address") {
  const auto requests = parse_requests(
      R"([{"address":"127.0.0.1:3000","num_requests":2,"fails":0},{"address":"[::1]:1","num_requests":0,"fails":9}])");
  REQUIRE(requests);
  CHECK(*requests == std::map<std::string, int>{{"127.0.0.1:3000", 2}, {"[::1]:1", 0}});
  REQUIRE(parse_requests("null"));
  CHECK(parse_requests("[]")->empty());
  CHECK(parse_requests(R"([{"address":"a","num_requests":-7}])")->at("a") == 0);
  CHECK(parse_requests(R"([{"address":"a","num_requests":9223372036854775807}])")->at("a") == 1'000'000'000);
}

TEST_CASE("what is no list of upstreams is refused with its text") {
  auto texts = foreign;
  for (const char* text : {"{}", "7", "[7]", R"([{"address":1,"num_requests":1}])", R"([{"address":"a"}])",
                           R"([{"address":"a","num_requests":"1"}])", R"([{"address":"a","num_requests":1.5}])"})
    texts.emplace_back(text);
  for (const auto& text : texts) {
    const auto requests = parse_requests(text);
    REQUIRE_FALSE(requests);
    CHECK(requests.error().code == "SH1503");
    CHECK(requests.error().evidence["text"] == text.substr(0, 4'000));
  }
}

TEST_CASE("a document is JSON or refused") {
  CHECK(parse_document("null")->is_null());
  CHECK((*parse_document(R"({"a":[1]})"))["a"][0] == 1);
  for (const auto& text : foreign) {
    const auto document = parse_document(text);
    REQUIRE_FALSE(document);
    CHECK(document.error().code == "SH1503");
  }
}

TEST_CASE("the start is in the metrics, or not known") {
  CHECK(parse_started("# TYPE x gauge\nx 1\nprocess_start_time_seconds 1.79575944578e+09\ny 2\n") == 1'795'759'445'780);
  CHECK(parse_started("process_start_time_seconds 12") == 12'000);
  for (const char* text :
       {"process_start_time_seconds", "process_start_time_seconds ", "process_start_time_seconds NaN",
        "process_start_time_seconds -1", "process_start_time_seconds 1e300", " process_start_time_seconds 5",
        "# process_start_time_seconds 5"})
    CHECK(parse_started(text) == 0);
  for (const auto& text : foreign) CHECK(parse_started(text) == 0);
}

TEST_CASE("a command line is words between zero bytes") {
  CHECK(parse_arguments(std::string("caddy\0run\0--resume", 18)) ==
        std::vector<std::string>{"caddy", "run", "--resume"});
  CHECK(parse_arguments("").empty());
  CHECK(parse_arguments(std::string(5'000, '\0')).size() == 1'000);
}

TEST_CASE("a reason is Caddy's own word, printable and short") {
  CHECK(reason_in(R"({"error":"unknown object ID 'x'"})") == "unknown object ID 'x'");
  CHECK(reason_in("plain\n\x1b[31mtext\x7f") == "plain[31mtext");
  CHECK(reason_in(R"({"error":7})") == R"({"error":7})");
  CHECK(reason_in(std::string(5'000, 'x')).size() == 300);
}

TEST_CASE("places of the API") {
  CHECK(parse_place("http://127.0.0.1:2019/")->url == "http://127.0.0.1:2019");
  CHECK(parse_place("localhost:2019")->url == "http://localhost:2019");
  CHECK(parse_place("unix//run/caddy.sock")->unix_socket == "/run/caddy.sock");
  CHECK(parse_place("/run/caddy.sock")->unix_socket == "/run/caddy.sock");
  CHECK(parse_place("https://caddy.example")->unix_socket.empty());
  for (const char* text : {"", "ftp://x", "unix/", "http://", "a b", "a\nb"}) CHECK_FALSE(parse_place(text));
}
