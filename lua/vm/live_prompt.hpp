// A conversation in one Lua state.
#pragma once

#include "vm/evaluate.hpp"

namespace shunt::lua {

class LivePrompt final : public Prompt {
 public:
  LivePrompt(const Value& deploy, bool with_world, Watchdog& watchdog);

  bool is_open(const std::string& text) override;
  Task<Outcome> evaluate(std::string text, Performer& performer) override;

  /// Calls the function that was registered by `deploy:on_rollback(name, fn)`.
  Task<Outcome> undo(std::string name, Performer& performer) { return call_undo(&state_, std::move(name), &performer); }

 private:
  std::optional<Error> compile(lua_State* thread, const std::string& text);

  Loader loader_;
  State state_;
};

}  // namespace shunt::lua
