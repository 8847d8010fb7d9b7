#include "harness/load.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace shunt::harness;

TEST_CASE("a report of wrk is read") {
  const auto result = parse_wrk(
      "Running 1s test @ http://127.0.0.1:1/\n  1 threads and 4 connections\n"
      "  Thread Stats   Avg      Stdev     Max   +/- Stdev\n    Latency   100.00us   10.00us   1.00ms   90.00%\n"
      "  39184 requests in 1.10s, 4.97MB read\n"
      "  Socket errors: connect 1, read 2, write 3, timeout 4\n"
      "  Non-2xx or 3xx responses: 5\nRequests/sec:  35621.81\nTransfer/sec:      4.52MB\n");
  CHECK(result.requests == 39184);
  CHECK(result.non_2xx == 5);
  CHECK(result.socket_errors == LoadResult::SocketErrors{1, 2, 3, 4});
  CHECK(result.failed() == 15);
  CHECK(result.requests_per_second == doctest::Approx(35621.81));
}

TEST_CASE("a report of hey is read") {
  const auto result = parse_hey(
      "\nSummary:\n  Total:\t1.0021 secs\n  Requests/sec:\t20000.5\n\nStatus code distribution:\n"
      "  [200]\t19000 responses\n  [302]\t7 responses\n  [503]\t30 responses\n\nError distribution:\n"
      "  [2]\tGet \"http://127.0.0.1:1/\": dial tcp 127.0.0.1:1: connect: connection refused\n"
      "  [3]\tGet \"http://127.0.0.1:1/\": EOF\n"
      "  [4]\tGet \"http://127.0.0.1:1/\": write: broken pipe\n"
      "  [5]\tGet \"http://127.0.0.1:1/\": net/http: request canceled (Client.Timeout exceeded)\n");
  CHECK(result.requests == 19037);
  CHECK(result.non_2xx == 30);
  CHECK(result.socket_errors == LoadResult::SocketErrors{2, 3, 4, 5});
  CHECK(result.failed() == 44);
}

TEST_CASE("a report without errors has none") {
  CHECK(parse_wrk("  12 requests in 1.00s, 1KB read\nRequests/sec: 12\n").failed() == 0);
  CHECK(parse_hey("Requests/sec: 12\n  [200]\t12 responses\n").failed() == 0);
}

TEST_CASE("anything else is no report") {
  CHECK_THROWS_AS(parse_wrk("unable to connect to 127.0.0.1:1 Connection refused"), std::runtime_error);
  CHECK_THROWS_AS(parse_hey("usage: hey"), std::runtime_error);
}

TEST_CASE("load goes to this machine only") {
  CHECK_THROWS_AS(Load::wrk("http://192.0.2.1/", 1, std::chrono::seconds(1)), std::invalid_argument);
  CHECK_THROWS_AS(Load::hey("http://localhost/", 1, std::chrono::seconds(1)), std::invalid_argument);
}
