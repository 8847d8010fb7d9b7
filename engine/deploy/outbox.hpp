// What a run's channels are told of it, as rows for the store.
#pragma once

#include <string>
#include <vector>

#include "shunt/events.hpp"
#include "shunt/notify.hpp"
#include "shunt/secrets.hpp"
#include "spec/deployment.hpp"
#include "store/store.hpp"

namespace shunt::deploy {

/// Turns events into notices; both arguments outlive it.
class Outbox {
 public:
  Outbox(const Deployment& deployment, const Secrets& secrets) : deployment_(deployment), secrets_(secrets) {}

  /// One for every channel that wants to be told of this event; none for most events. Masked.
  std::vector<store::Notice> notices_for(const Event& event);

 private:
  Value facts_of(const Event& event) const;

  const Deployment& deployment_;
  const Secrets& secrets_;
  std::int64_t last_time_ = 0;
  std::map<std::string, int> counts_;  ///< by event, of those at that time: a replay gives the same ids
};

/// What the channel's adapter gets.
Notification notification_in(const store::Notice& notice);

}  // namespace shunt::deploy
