#include "adapters/conformance/notify_suite.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace shunt::conformance {

namespace {

constexpr Milliseconds limit{400};

Result<void> send(NotifyBench& bench, Notification notification = sample_notification()) {
  return bench.run(bench.channel().send(std::move(notification), limit));
}

void check_told(const MakeNotifyBench& make_bench) {
  const auto bench = make_bench();
  for (int attempt = 0; attempt < 2; ++attempt) {
    const auto sent = send(*bench);
    REQUIRE_MESSAGE(sent, to_paragraph(sent.error()));
  }
  const auto arrivals = bench->arrivals();
  REQUIRE(arrivals.size() == 2);
  CHECK(arrivals[0].id == sample_notification().id);
  CHECK(arrivals[1].id == arrivals[0].id);
  CHECK(arrivals[0].event == "rolled_back");
  CHECK(arrivals[0].text == sample_notification().text);
}

void check_odd_text(const MakeNotifyBench& make_bench) {
  const auto bench = make_bench();
  for (const std::string text : {"quotes \" and \\ and\nlines\r\n\r\nand \x01", "Z\u00fcrich \U0001F600", ""}) {
    auto notification = sample_notification();
    notification.text = text;
    REQUIRE(send(*bench, notification));
    CHECK(bench->arrivals().back().text == text);
  }
  auto torn = sample_notification();
  torn.text = "half a letter: \xc3";
  REQUIRE(send(*bench, torn));
  CHECK(bench->arrivals().back().text.rfind("half a letter: ", 0) == 0);
  auto long_one = sample_notification();
  long_one.text = std::string(200'000, 'x');
  REQUIRE(send(*bench, long_one));
  CHECK(bench->arrivals().back().text.rfind("xxx", 0) == 0);
}

void check_failure(const MakeNotifyBench& make_bench, NotifyTrouble trouble) {
  const auto bench = make_bench();
  bench->make(trouble);
  const auto began = std::chrono::steady_clock::now();
  const auto sent = send(*bench);
  CHECK(std::chrono::steady_clock::now() - began < 10 * limit);
  REQUIRE(!sent);
  const auto& error = sent.error();
  const auto told = to_paragraph(error) + to_text(error.evidence);
  CAPTURE(told);
  CHECK(error.code == (trouble == NotifyTrouble::gone ? "SH2002" : "SH2001"));
  CHECK(error.retryable == (trouble != NotifyTrouble::gone));
  CHECK_FALSE(error.remedy.empty());
  CHECK(told.find(bench->secret()) == std::string::npos);
  const auto pause = error.evidence.is_object() ? error.evidence.value("retry_after_ms", 0) : 0;
  CHECK(pause == (trouble == NotifyTrouble::too_busy ? 3'000 : 0));
  if (trouble == NotifyTrouble::elsewhere) CHECK(bench->arrivals().size() == 1);
  bench->make(NotifyTrouble::none);
  CHECK(send(*bench));
}

}  // namespace

Notification sample_notification() {
  Notification notification;
  notification.id = "20261121-043713-k3x9-1795564174206-1";
  notification.event = "rolled_back";
  notification.time = 1'795'564'174'206;
  notification.text = "shop: deploy v3 was rolled back: the gate 'error rate' failed. v2 (blue) serves.";
  notification.facts = {{"app", "shop"}, {"version", "v3"}, {"deployment", "20261121-043713-k3x9"}};
  return notification;
}

void check_notify(const MakeNotifyBench& make_bench) {
  check_told(make_bench);
  check_odd_text(make_bench);
  for (const auto trouble : {NotifyTrouble::down, NotifyTrouble::hang, NotifyTrouble::broken, NotifyTrouble::too_busy,
                             NotifyTrouble::elsewhere, NotifyTrouble::gone}) {
    INFO("trouble: " << int(trouble));
    check_failure(make_bench, trouble);
  }
}

}  // namespace shunt::conformance
