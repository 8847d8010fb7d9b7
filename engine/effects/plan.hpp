// The world as a plan sees it: read for real, changed only in the mind.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "effects/live.hpp"

namespace shunt::effects {

/// Reads real proxies, instances and metrics; models what effects would do to them; never runs a command, sends nothing
/// but GET requests to metrics providers, and does not wait: its clock jumps. What is started is modelled as healthy,
/// and answers through the proxy as the strategy hopes.
class Plan : public Effects {
 public:
  explicit Plan(Fleet& fleet) : fleet_(fleet), live_(fleet, Stamp()), clock_(live_.now()) {}

  Task<Outcome> perform(Call call) override;
  std::int64_t now() override { return clock_; }

 private:
  using Seat = std::pair<std::string, std::string>;  ///< service, color

  Task<Outcome> proxy_get(Call call);
  Task<Outcome> in_flight(Call call);
  Task<Outcome> instances_list(Call call);
  Outcome instances_start(const Call& call);
  Outcome instances_stop(const Call& call);
  Outcome health(const Call& call) const;
  Outcome image(const Call& call);
  Outcome verify_answer(const Call& call) const;

  Fleet& fleet_;
  Live live_;
  std::int64_t clock_;
  std::map<std::string, Value> weights_;  ///< service → { blue, green } as told
  std::map<Seat, Value> started_;         ///< modelled instances
  std::map<std::string, bool> stopped_;   ///< ids
};

}  // namespace shunt::effects
