#include "simulate/conversation.hpp"

#include <asio/co_spawn.hpp>
#include <stdexcept>

#include "deploy/compose.hpp"

namespace shunt::simulate {

/// What is said of the world goes to the world, everything else through the waist.
class Conversation::Door : public Performer {
 public:
  explicit Door(Conversation& owner) : owner_(owner), door_(owner.machinery_.waist.root("0")) {}

  Task<Outcome> perform(Call call) override {
    if (call.verb.starts_with("world.")) return owner_.told(std::move(call));
    return door_.perform(std::move(call));
  }
  std::vector<std::unique_ptr<Performer>> split(std::size_t count) override { return door_.split(count); }
  void cancel() override { door_.cancel(); }

 private:
  Conversation& owner_;
  deploy::ScopePerformer door_;
};

Conversation::Conversation(const Subject& subject, ScriptRuntime& scripts, Reporter& reporter)
    : subject_(subject),
      world_(subject.deployment, 0),
      machinery_(subject_.deployment, world_.effects, loop_.get_executor(), nullptr, reporter,
                 world_.machine.context().secrets),
      prompt_(scripts.prompt(deploy::script_fields(subject.deployment), true)),
      door_(std::make_unique<Door>(*this)) {
  if (!prompt_) throw std::invalid_argument("this script language has no prompt");
  world_.begin();
}

Conversation::~Conversation() = default;

Task<Outcome> Conversation::told(Call call) {
  Outcome outcome;
  const auto what = call.verb.substr(call.verb.find('.') + 1);
  call.args.erase("handle");
  if (what == "advance") {
    Call sleep("clock.sleep", std::move(call.args));
    outcome = co_await door_->perform(std::move(sleep));
  } else if (what == "answer") {
    world_.answer = call.args["answer"] == "nothing" ? "" : call.args["answer"].get<std::string>();
  } else if (what == "deploy" || what == "crash" || what == "abort" || call.args.contains("function")) {
    outcome = Error("SH2103", Kind::script, what + " is for tests, not for a prompt",
                    "call the steps yourself: local new = deploy:launch()");
  } else {
    world_.add(Fault(what, std::move(call.args)));
  }
  co_return std::move(outcome);
}

Outcome Conversation::evaluate(const std::string& text) {
  std::optional<Outcome> result;
  std::exception_ptr failure;
  asio::co_spawn(machinery_.turns.executor(), prompt_->evaluate(text, *door_),
                 [&](std::exception_ptr thrown, Outcome outcome) {
                   failure = thrown;
                   result = std::move(outcome);
                 });
  machinery_.turns.run();
  while (!result) {
    loop_.restart();
    if (loop_.poll() == 0 && !world_.pass_to_next() && !world_.machine.clock.advance()) break;
  }
  machinery_.journal.before_waiting();
  if (failure) std::rethrow_exception(failure);
  if (!result) return Error("SH1903", Kind::adapter, "the line neither ended nor waits", "report this as a bug");
  return std::move(*result);
}

}  // namespace shunt::simulate
