#include "adapters/metrics/prometheus/answers.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "shunt/http.hpp"

namespace shunt::prometheus {

namespace {

std::string success(const std::string& type, const std::string& result, const std::string& more = "") {
  return R"({"status":"success","data":{"resultType":")" + type + R"(","result":)" + result + "}" + more + "}";
}

Reading reading_in(const std::string& body) {
  auto answer = parse_answer(body);
  if (!answer) FAIL_CHECK(to_paragraph(answer.error()));
  return answer ? reading_of(std::move(*answer)) : Reading();
}

std::string code_of(const std::string& body) {
  const auto answer = parse_answer(body);
  return answer ? "none" : answer.error().code;
}

TEST_CASE("scalars, vectors and matrices of one series are numbers") {
  CHECK(reading_in(success("scalar", R"([1795237127.115,"2"])")).value == 2);
  CHECK(reading_in(success("scalar", R"([1795237127.115,"2"])")).time == 1795237127115);
  CHECK(reading_in(success("vector", R"([{"metric":{"a":"b"},"value":[17.5,"1.5e+06"]}])")).value == 1.5e6);
  const auto matrix = reading_in(success("matrix", R"([{"metric":{},"values":[[1,"3"],[2.5,"4"]]}])"));
  CHECK(matrix.value == 4);
  CHECK(matrix.time == 2500);
  CHECK(matrix.samples.size() == 2);
  CHECK(reading_in(success("vector", R"([{"metric":{},"value":[1,"-0.25"]}])")).value == -0.25);
}

TEST_CASE("nothing, NaN and infinities are states") {
  for (const char* type : {"vector", "matrix"}) CHECK(reading_in(success(type, "[]")).state == "empty");
  CHECK(reading_in(success("matrix", R"([{"metric":{},"values":[]}])")).state == "empty");
  for (const char* value : {"NaN", "+Inf", "-Inf", "Inf", "1e999"}) {
    const auto reading = reading_in(success("scalar", std::string(R"([1,")") + value + "\"]"));
    CHECK(reading.state == "nan");
    CHECK(reading.value == 0);
    CHECK(reading.time == 1000);
  }
  CHECK(reading_in(success("scalar", R"([1,"1e-999"])")).value == 0);
}

TEST_CASE("several series name the first few") {
  const auto answer = parse_answer(success("vector", R"([{"metric":{"color":"blue"},"value":[1,"1"]},)"
                                                     R"({"metric":{"color":"green"},"value":[1,"2"]}])"));
  REQUIRE_FALSE(bool(answer));
  CHECK(answer.error().code == "SH1604");
  CHECK(answer.error().message ==
        R"(the query gives 2 series ({"color":"blue"}, {"color":"green"} ...), where one number is wanted)");
}

TEST_CASE("errors are Prometheus' own words") {
  const auto error_of = [](const std::string& type) {
    return parse_answer(R"({"status":"error","errorType":")" + type + R"(","error":"the words"})").error();
  };
  for (const char* type : {"bad_data", "execution"}) {
    CHECK(error_of(type).code == "SH1603");
    CHECK(error_of(type).kind == Kind::config);
    CHECK(error_of(type).message.find("the words") != std::string::npos);
  }
  CHECK(error_of("timeout").code == "SH1602");
  CHECK(error_of("timeout").retryable);
  CHECK(error_of("internal").code == "SH1605");
  CHECK(error_of("internal").retryable);
  CHECK(error_of("").code == "SH1605");
}

TEST_CASE("anything else is not understood") {
  for (const char* body :
       {"", "null", "[]", "7", "<html>", R"({"status":"success"})", R"({"status":"success","data":[]})",
        R"({"status":"success","data":{"resultType":"vector"}})", R"({"status":7,"data":{"result":[]}})"})
    CHECK(code_of(body) == "SH1605");
  CHECK(code_of(success("string", R"([1,"x"])")) == "SH1605");
  CHECK(code_of(success("streams", "[]")) == "SH1605");
  CHECK(code_of(success("vector", "{}")) == "SH1605");
  for (const char* sample :
       {"[1]", R"(["1","2"])", "[1,2]", R"([1,"two"])", R"([1,""])", R"([1e300,"2"])", "null", R"([1,"2x"])"}) {
    CHECK(code_of(success("scalar", sample)) == "SH1605");
    CHECK(code_of(success("vector", std::string(R"([{"metric":{},"value":)") + sample + "}]")) == "SH1605");
    CHECK(code_of(success("matrix", std::string(R"([{"metric":{},"values":[)") + sample + "]}]")) == "SH1605");
  }
  CHECK(code_of(success("vector", R"([{"metric":{},"histogram":[1,{"count":"2"}]}])")) == "SH1605");
  CHECK(code_of(success("matrix", R"([{"metric":{},"values":{}}])")) == "SH1605");
}

TEST_CASE("warnings come with success") {
  const auto reading = reading_in(success("scalar", R"([1,"2"])", R"(,"warnings":["one",7,"two"])"));
  CHECK(reading.warnings == std::vector<std::string>{"one", "two"});
  CHECK(reading_in(success("scalar", R"([1,"2"])", R"(,"warnings":"one")")).warnings.empty());
}

TEST_CASE("when to come again is a number of seconds, or a date") {
  const std::int64_t now = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT
  CHECK(http::parse_retry_after("3", now) == 3'000);
  CHECK(http::parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", now) == 10'000);
  CHECK(http::parse_retry_after("Sun, 06 Nov 1994 08:49:27 GMT", now) == 0);
  CHECK(http::parse_retry_after("999999999999999999999", now) == 3'600'000);
  for (const char* none : {"", "soon", "-5", "3 s"}) CHECK(http::parse_retry_after(none, now) == 0);
}

TEST_CASE("no bytes whatever break the parser") {
  std::mt19937 random(20261121);
  const std::vector<std::string> seeds = {
      success("matrix", R"([{"metric":{"a":"b"},"values":[[1,"3"],[2.5,"4"]]}])"),
      success("vector", R"([{"metric":{},"value":[1,"-0.25"]}])", R"(,"warnings":["a"])"),
      R"({"status":"error","errorType":"bad_data","error":"words"})"};
  for (const auto& seed : seeds) {
    for (int round = 0; round < 5'000; ++round) {
      auto text = seed;
      for (int change = 0; change < 3; ++change) {
        const auto at = random() % text.size();
        const auto kind = random() % 3;
        if (kind == 0) text[at] = static_cast<char>(random());
        if (kind == 1) text[at] = "0\"[]{},:-e"[random() % 10];
        if (kind == 2) text.erase(at, random() % 5 + 1);
        if (text.empty()) text = "{";
      }
      auto answer = parse_answer(text);
      if (answer) CHECK_FALSE(reading_of(std::move(*answer)).state.empty());
      (void)http::parse_retry_after(text, 0);
    }
  }
}

}  // namespace

}  // namespace shunt::prometheus
