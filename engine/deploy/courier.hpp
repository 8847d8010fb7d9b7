// Sends what waits in the store to its channels.
#pragma once

#include <string>
#include <vector>

#include "shunt/context.hpp"
#include "shunt/duration.hpp"
#include "shunt/registry.hpp"
#include "spec/deployment.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Makes attempts, and records what came of each; a failed one comes again after a pause that grows, at most eight in
/// all. Everything here is sent at least once: an attempt whose end was not recorded is made again, with the same id.
/// Only for the holder of the app's lock; what it is made from outlives it.
class Courier {
 public:
  Courier(Context& context, const Registry& registry, store::Store& store)
      : context_(context), registry_(registry), store_(store) {}

  /// Sends what is due, to all channels at the same time and to each in order; a channel that fails is left alone for
  /// this time. Takes at most `budget`. Returns what failed, a sentence for each channel.
  Task<std::vector<std::string>> deliver(Milliseconds budget);

  /// Whether anything waits, due or not.
  bool has_mail() const;

  /// Of these, the channels that were told to stay away (HTTP 410); such a one is off until its configuration changes.
  std::vector<Channel> off_among(const std::vector<Channel>& channels) const;

 private:
  using Letters = std::vector<store::Notice>;
  Task<std::string> deliver_to_one(Letters letters, Milliseconds budget);
  std::vector<Letters> due_by_channel() const;
  void record(store::Notice& letter, const Result<void>& sent);
  void turn_off(const store::Notice& letter);

  Context& context_;
  const Registry& registry_;
  store::Store& store_;
};

/// How long to wait after that many attempts, without jitter; 0 when it was the last.
Milliseconds pause_after(std::int64_t attempts);

}  // namespace shunt::deploy
