// A deployment that somebody types, line by line, in a simulated world.
#pragma once

#include <asio/io_context.hpp>
#include <memory>
#include <string>

#include "deploy/machinery.hpp"
#include "simulate/subject.hpp"

namespace shunt::simulate {

/// Nothing outlives it. Time goes by while a line waits, and with world:advance. Loop thread only.
class Conversation {
 public:
  /// `subject` (its script is not used), `scripts` and `reporter` outlive it. Throws std::invalid_argument where the
  /// language has no prompt.
  Conversation(const Subject& subject, ScriptRuntime& scripts, Reporter& reporter);
  ~Conversation();

  bool is_open(const std::string& text) { return prompt_->is_open(text); }

  /// The values of a line as a list of texts, or its error.
  Outcome evaluate(const std::string& text);

  World& world() { return world_; }

 private:
  class Door;

  Task<Outcome> told(Call call);

  const Subject& subject_;
  World world_;
  asio::io_context loop_{1};
  deploy::Machinery machinery_;
  std::unique_ptr<Prompt> prompt_;
  std::unique_ptr<Door> door_;
};

}  // namespace shunt::simulate
