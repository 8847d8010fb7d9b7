#include "effects/simulated.hpp"

#include "effects/calendar.hpp"

namespace shunt::effects {

namespace {

constexpr Milliseconds ordinary_answer{1};
constexpr Milliseconds patience{2'000};

bool is_of_the_clock(const Call& call) {
  return call.verb.starts_with("clock.") || call.verb.starts_with("random.");
}

}  // namespace

Simulated::Simulated(Live& live, model::Clock& clock, std::uint64_t seed) : live_(live), clock_(clock), random_(seed) {}

Task<Outcome> Simulated::perform(Call call) {
  if (before) before(call);
  if (is_of_the_clock(call)) {
    Outcome outcome = co_await own(std::move(call));
    co_return std::move(outcome);
  }
  if (call.verb == "approval.wait") {
    Outcome answer = co_await asked(std::move(call));
    co_return std::move(answer);
  }
  const auto what = trouble ? trouble(call) : Trouble::none;
  Outcome outcome;
  if (is_done(what)) {
    Call copy = call;
    outcome = co_await live_.perform(std::move(copy));
  }
  if (what != Trouble::none) outcome = Outcome(error_of(what, call.verb));
  if (after) after(call, outcome);
  const auto ordinary = latency ? latency(call) : ordinary_answer;
  const auto wait = is_late(what) ? patience : ordinary;
  const bool woke = co_await clock_.sleep(wait);
  if (!woke) outcome = cancelled_call();
  co_return std::move(outcome);
}

Task<Outcome> Simulated::own(Call call) {
  Outcome outcome;
  if (call.verb == "clock.sleep") {
    const Milliseconds duration(call.args.value("duration_ms", std::int64_t{0}));
    const bool woke = co_await clock_.sleep(duration);
    if (!woke) outcome = cancelled_call();
    co_return std::move(outcome);
  }
  if (call.verb == "clock.now") outcome = Outcome(Value(double(clock_.now()) / 1000.0));
  if (call.verb == "clock.date") outcome = date_at(clock_.now(), call.args.value("zone", ""));
  if (call.verb == "random.number") outcome = Outcome(Value(double(random_() >> 11) * 0x1.0p-53));
  if (call.verb == "random.uuid") {
    const auto high = random_();
    outcome = Outcome(Value(uuid_of(high, random_())));
  }
  const bool woke = co_await clock_.sleep(ordinary_answer);
  if (!woke) outcome = cancelled_call();
  co_return std::move(outcome);
}

Task<Outcome> Simulated::asked(Call call) {
  const auto answer = operator_says ? operator_says(call) : "";
  const Milliseconds limit(call.args.value("timeout_ms", std::int64_t{0}));
  const auto wait = answer.empty() ? limit : ordinary_answer;
  const bool woke = co_await clock_.sleep(wait);
  Outcome outcome = woke ? Outcome(Value{{"answer", answer}}) : cancelled_call();
  if (!woke) co_return std::move(outcome);
  if (!answer.empty()) outcome.value.update({{"by", "ada"}, {"reason", ""}});
  co_return std::move(outcome);
}

}  // namespace shunt::effects
