#include "deploy/typed_lines.hpp"

#include <asio/post.hpp>

namespace shunt::deploy {

namespace {

Outcome outcome_of(const std::optional<std::string>& line) {
  Outcome outcome(Value::object());
  if (line) outcome.value["text"] = *line;
  return outcome;
}

}  // namespace

TypedLines::~TypedLines() {
  if (!thread_.joinable()) return;
  typist_.interrupt();
  thread_.join();
}

Task<Outcome> TypedLines::next(Value last) {
  auto start = [this, last = std::move(last)](const loop::Completion<Outcome>& completion) {
    return ask(last, completion);
  };
  Outcome outcome = co_await loop::suspend<Outcome>(std::move(start));
  co_return std::move(outcome);
}

// Its copy of the completion goes back to the loop with the line: only there it may be let go.
loop::Abort<Outcome> TypedLines::ask(Value last, const loop::Completion<Outcome>& completion) {
  if (thread_.joinable()) thread_.join();
  auto waiting = std::make_shared<loop::Completion<Outcome>>(completion);
  auto work = [this, last = std::move(last), waiting]() mutable {
    auto line = typist_.read(last);
    const auto executor = waiting->executor();
    asio::post(executor,
               [line = std::move(line), waiting = std::move(waiting)] { waiting->succeed(outcome_of(line)); });
  };
  // Not at once: first is told what has happened until now.
  asio::post(completion.executor(),
             [this, work = std::move(work)]() mutable { thread_ = std::thread(std::move(work)); });
  return [this](const loop::Completion<Outcome>&) { typist_.interrupt(); };
}

}  // namespace shunt::deploy
