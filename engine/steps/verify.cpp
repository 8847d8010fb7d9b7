// Who answers through the proxy?
#include <fmt/format.h>

#include "steps/look.hpp"
#include "steps/move.hpp"

namespace shunt::steps {

namespace {

constexpr std::int64_t look_again_ms = 200;

enum class Answer { toward, leaving, unknown, error };

struct Expectation {
  Verify verify;
  std::string leaving;  ///< what answers of the other colour carry, "" when there is none

  Expectation() = default;
};

Expectation expectation_of(const Stage& stage, const std::string& service, Colour toward) {
  Expectation expectation;
  const auto* target = stage.deployment.service(service, toward);
  if (target != nullptr) expectation.verify = target->verify;
  for (auto& letter : expectation.verify.header)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  if (const auto* left = stage.deployment.service(service, other(toward)); left != nullptr)
    expectation.leaving = left->verify.equals;
  return expectation;
}

Answer answer_in(const Outcome& outcome, const Expectation& expectation) {
  if (!outcome.ok()) return Answer::error;
  const auto& headers = outcome.value["headers"];
  const auto header = headers.find(expectation.verify.header);
  if (header == headers.end()) return Answer::error;
  if (*header == expectation.verify.equals) return Answer::toward;
  return !expectation.leaving.empty() && *header == expectation.leaving ? Answer::leaving : Answer::unknown;
}

Value shown(const Outcome& outcome, const Expectation& expectation) {
  if (!outcome.ok()) return outcome.error->message;
  return {{"status", outcome.value["status"]},
          {expectation.verify.header, outcome.value["headers"].value(expectation.verify.header, Value())}};
}

Error stranger(const std::string& service, const Expectation& expectation, const Outcome& outcome) {
  return Error("SH1513", Kind::unhealthy,
               fmt::format("through the proxy of {} somebody answered with {}: {}, which is neither version's", service,
                           expectation.verify.header,
                           to_text(outcome.value["headers"].value(expectation.verify.header, Value()))),
               "find out who else serves behind this proxy, or correct `verify`")
      .with({{"answer", shown(outcome, expectation)}});
}

Error unseen(const std::string& service, const Expectation& expectation, int wanted, int seen, const Value& last) {
  return Error(
             "SH1512", Kind::unhealthy,
             fmt::format("through the proxy of {} the answer {}: {} was seen {} of {} times in a row within {}",
                         service, expectation.verify.header, expectation.verify.equals, seen, wanted,
                         to_text(Milliseconds(expectation.verify.timeout_ms))),
             "request the `verify` url by hand: does it lead through this proxy, and does the version set the header?")
      .with({{"last_answer", last}});
}

// Where the proxy keeps clients on a version by a cookie, each request comes from another client.
Call ask(const Expectation& expectation, const std::string& pinned, int number) {
  Call get("http.request",
           {{"method", "GET"}, {"url", expectation.verify.url}, {"timeout_ms", 2'000}, {"fresh_connection", true}});
  static const std::string by_cookie = "cookie:";
  if (pinned.starts_with(by_cookie))
    get.args["headers"] = {{"Cookie", fmt::format("{}=shunt-{}", pinned.substr(by_cookie.size()), number)}};
  return get;
}

void say_unverified(const Scope& scope, const std::string& service) {
  Value fields = {
      {"message", fmt::format("the proxy of {} keeps clients on one version by their address, so shunt's own "
                              "requests see the new one at 100 % only",
                              service)}};
  scope.announce(Event("warning", std::move(fields)));
}

}  // namespace

Task<Outcome> verify(Stage stage, Scope scope, std::string service, Colour toward, bool alone, Purpose purpose) {
  Outcome nothing;
  const auto expectation = expectation_of(stage, service, toward);
  if (expectation.verify.url.empty()) co_return std::move(nothing);
  const int wanted = alone ? expectation.verify.consecutive : 1;
  const auto deadline = scope.now() + expectation.verify.timeout_ms;
  auto next_look = scope.now() + look_again_ms;
  const std::string pinned = stage.facts.proxies[service].pinned;
  int asked = 0;
  int in_a_row = 0;
  Value last;
  while (in_a_row < wanted) {
    Call get = ask(expectation, pinned, ++asked);
    Outcome outcome = co_await scope.perform(std::move(get));
    if (outcome.error && outcome.error->control) co_return std::move(outcome);
    const auto answer = answer_in(outcome, expectation);
    last = shown(outcome, expectation);
    if (answer == Answer::unknown && (purpose == Purpose::deploy || alone)) {
      Outcome no(stranger(service, expectation, outcome));
      co_return std::move(no);
    }
    in_a_row = answer == Answer::toward ? in_a_row + 1 : (alone ? 0 : in_a_row);
    if (in_a_row >= wanted) break;
    if (answer == Answer::leaving && !alone && pinned == "address") {
      say_unverified(scope, service);
      break;
    }
    if (scope.now() >= deadline) {
      Outcome no(unseen(service, expectation, wanted, in_a_row, last));
      co_return std::move(no);
    }
    if (answer != Answer::toward && scope.now() >= next_look) {
      // A proxy that was restarted, or edited, answers as it was configured, not as it was told.
      Outcome view = co_await observe(stage, scope, service);
      if (!view.ok()) co_return std::move(view);
      next_look = scope.now() + look_again_ms;
    }
    if (answer == Answer::toward || answer == Answer::leaving) continue;
    Call sleep("clock.sleep", {{"duration_ms", 20}});
    Outcome slept = co_await scope.perform(std::move(sleep));
    if (!slept.ok()) co_return std::move(slept);
  }
  co_return std::move(nothing);
}

}  // namespace shunt::steps
