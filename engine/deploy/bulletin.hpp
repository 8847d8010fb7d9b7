// Keeps the lock file's note of what is being done up to date.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "deploy/claim.hpp"
#include "shunt/events.hpp"

namespace shunt::deploy {

/// Passes events on; whoever finds the app locked reads at which step its holder is. Steps inside of a step are not
/// told: they change many times a second. Nothing is said before the first event: then the run's row is durable.
class Bulletin : public Reporter {
 public:
  Bulletin(Claim& claim, std::string run, Reporter& next) : claim_(claim), run_(std::move(run)), next_(next) {}

  void report(const Event& event) override {
    if (event.name == "started") claim_.describe(run_, "start");
    if (event.name == "step") follow(event.fields);
    if (event.name == "rolling_back") depth_ = 0;  // steps that were cut off tell no end
    next_.report(event);
  }

 private:
  void follow(const Value& fields) {
    const bool begins = fields.value("state", "") == "begin";
    if (begins && depth_ == 0) claim_.describe(run_, fields.value("step", ""));
    depth_ = std::max(0, depth_ + (begins ? 1 : -1));
  }

  Claim& claim_;
  std::string run_;
  Reporter& next_;
  int depth_ = 0;
};

}  // namespace shunt::deploy
