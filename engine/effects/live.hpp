// The real world below the waist.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "effects/effects.hpp"
#include "effects/fleet.hpp"
#include "shunt/events.hpp"

namespace shunt::effects {

/// Who an effect is labelled with.
struct Stamp {
  std::string run;
  std::int64_t epoch = 0;
};

/// Performs primitives with the real adapters, commands, sockets and clock.
class Live : public Effects {
 public:
  /// Answers approval.wait: { question, timeout_ms } → { answer, by, reason }.
  using Approvals = std::function<Task<Outcome>(Value args)>;

  Live(Fleet& fleet, Stamp stamp);

  void approvals(Approvals approvals) { approvals_ = std::move(approvals); }

  /// Answers prompt.read: { shown or failed, of the line before } → { text }; without text at the end, which is also
  /// where nobody types.
  using Lines = std::function<Task<Outcome>(Value args)>;
  void lines(Lines lines) { lines_ = std::move(lines); }

  /// Says who listens at an address, in place of a connection of this machine's.
  using Listeners = std::function<bool(const std::string& address)>;
  void listeners(Listeners listeners) { listeners_ = std::move(listeners); }

  /// Hears how far a long effect is: an event that nobody keeps.
  using Watcher = std::function<void(const Event& event)>;
  void watcher(Watcher watcher) { watcher_ = std::move(watcher); }

  Task<Outcome> perform(Call call) override;
  std::int64_t now() override;

 private:
  using Handler = Task<Outcome> (Live::*)(Call call);
  static const std::map<std::string, Handler>& handlers();

  // live_instances.cpp
  Task<Outcome> instances_prepare(Call call);
  Task<Outcome> instances_prune(Call call);
  Task<Outcome> instances_start(Call call);
  Task<Outcome> instances_stop(Call call);
  Task<Outcome> instances_adopt(Call call);
  Task<Outcome> instances_disown(Call call);
  Task<Outcome> instances_list(Call call);
  Task<Outcome> instances_health(Call call);
  Task<Outcome> instances_logs(Call call);
  // live_images.cpp
  Task<Outcome> image_build(Call call);
  Task<Outcome> image_tag(Call call);
  Task<Outcome> image_push(Call call);
  // live_proxy.cpp
  Task<Result<ProxyView>> observe_proxy(std::string service);
  Task<Outcome> proxy_get(Call call);
  Task<Outcome> proxy_set(Call call);
  Task<Outcome> proxy_close(Call call);
  Task<Outcome> proxy_in_flight(Call call);
  Task<Outcome> metrics_query(Call call);
  // live_probe.cpp
  Task<Outcome> probe_http(Call call);
  Task<Outcome> probe_tcp(Call call);
  Task<Result<process::Command>> command_for(Value args);
  Task<Outcome> probe_command(Call call);
  Task<Outcome> http_request(Call call);
  Task<Outcome> exec_run(Call call);
  // live_clock.cpp
  Task<Outcome> clock_now(Call call);
  Task<Outcome> clock_date(Call call);
  Task<Outcome> clock_sleep(Call call);
  Task<Outcome> random_number(Call call);
  Task<Outcome> random_uuid(Call call);
  Task<Outcome> approval_wait(Call call);
  Task<Outcome> prompt_read(Call call);

  InstanceSpec spec_for(const Service& service, const Place& place, Colour colour, std::int64_t seq) const;
  Told teller(const Call& call) const;

  Fleet& fleet_;
  Stamp stamp_;
  Approvals approvals_;
  Lines lines_;
  Listeners listeners_;
  Watcher watcher_;
};

/// What adapters say, as values that scripts see.
Value to_value(const InstanceState& instance);
Value to_value(const ProxyView& view);
Value to_value(const Reading& reading);

}  // namespace shunt::effects
