#include "model/metrics.hpp"

#include <doctest/doctest.h>

#include <asio/io_context.hpp>
#include <cmath>

#include "loop/run.hpp"

namespace shunt::model {

namespace {

TEST_CASE("a function answers, by expression") {
  asio::io_context loop;
  ModelMetrics metrics([](const std::string& expression) -> Result<Reading> {
    if (expression == "wrong") return Error("SH1603", Kind::config, "refused");
    return number(expression == "one" ? 1 : NAN, 17);
  });
  const auto query = [&](const char* expression) { return loop::run(loop, metrics.query(expression)); };
  CHECK(query("one")->state == "ok");
  CHECK(query("one")->value == 1);
  CHECK(query("one")->time == 17);
  CHECK(query("none")->state == "nan");
  CHECK(query("none")->value == 0);
  CHECK(query("wrong").error().code == "SH1603");
  metrics.answer_with([](const std::string&) { return stale(5); });
  metrics.warn({"half"});
  CHECK(query("one")->state == "stale");
  CHECK(query("one")->warnings == std::vector<std::string>{"half"});
}

TEST_CASE("every trouble has an error of its own, whatever is asked") {
  asio::io_context loop;
  ModelMetrics metrics([](const std::string&) { return empty(); });
  using Trouble = ModelMetrics::Trouble;
  const std::vector<std::pair<Trouble, std::string>> troubles = {{Trouble::down, "SH1601"},
                                                                 {Trouble::hang, "SH1602"},
                                                                 {Trouble::garbage, "SH1605"},
                                                                 {Trouble::too_busy, "SH1606"}};
  for (const auto& [trouble, code] : troubles) {
    metrics.make(trouble);
    CHECK(loop::run(loop, metrics.query("x")).error().code == code);
  }
  metrics.make(Trouble::none);
  CHECK(loop::run(loop, metrics.query("x"))->state == "empty");
}

}  // namespace

}  // namespace shunt::model
