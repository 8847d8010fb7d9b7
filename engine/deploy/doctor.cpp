// The verb `doctor`: can everything that the app file names be reached, and does it keep what it is told?
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>

#include "deploy/capacity.hpp"
#include "deploy/claim.hpp"
#include "deploy/compose.hpp"
#include "deploy/load.hpp"
#include "deploy/outside.hpp"
#include "deploy/world.hpp"
#include "effects/fleet.hpp"
#include "shunt/finding.hpp"

namespace shunt {

using namespace deploy;  // NOLINT(google-build-using-namespace): this file is the folder's front

namespace {

constexpr int runs_to_verify = 20;
constexpr std::int64_t most_skew_ms = 2'000;

using Findings = std::vector<Finding>;

Finding of(const Error& error) {
  return Finding::bad(error.message, error.remedy);
}

void examine_permissions(Findings& findings, const std::filesystem::path& folder) {
  const auto mode_of = [](const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode : 0;
  };
  const auto database = folder / "state.db";
  if ((mode_of(folder) & 077) != 0)
    findings.push_back(Finding::bad(fmt::format("{} can be entered by other users", folder.string()),
                                    fmt::format("chmod 700 {}", folder.string())));
  if ((mode_of(database) & 077) != 0)
    findings.push_back(Finding::bad(fmt::format("{} can be read by other users", database.string()),
                                    fmt::format("chmod 600 {}", database.string())));
  if (::access(folder.c_str(), W_OK) != 0)
    findings.push_back(
        Finding::bad(fmt::format("{} cannot be written", folder.string()), "run shunt as the user that owns it"));
}

void examine_disk(Findings& findings, const std::filesystem::path& folder) {
  constexpr std::int64_t mib = 1024 * 1024;
  const auto room = room_at(folder);
  const auto enough = check_room(Need(), room);
  findings.push_back(enough ? Finding::good(fmt::format("{} MiB of disk and {} MiB of memory are free", room.disk / mib,
                                                        room.memory / mib))
                            : of(enough.error()));
}

// Deadlines and holds are wall-clock times, so the clock must not jump, and the file system must have the same one.
void examine_clock(Findings& findings, const std::filesystem::path& folder, std::int64_t last) {
  const auto now = wall_clock_ms();
  if (last > now)
    findings.push_back(Finding::bad(
        fmt::format("the clock says {}, but the last deployment was at {}", to_timestamp(now), to_timestamp(last)),
        "set the clock, and keep it by NTP"));
  const auto probe = folder / ".clock";
  std::ofstream(probe) << now;
  struct stat status {};
  const bool written = ::stat(probe.c_str(), &status) == 0;
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
  const auto skew = std::abs(status.st_mtim.tv_sec * 1'000 + status.st_mtim.tv_nsec / 1'000'000 - now);
  if (written && skew > most_skew_ms)
    findings.push_back(
        Finding::bad(fmt::format("the clock of the state's file system differs by {} from this machine's",
                                 to_text(Milliseconds(skew))),
                     "keep the state on a local disk, or set both clocks by NTP"));
}

void examine_journal(Findings& findings, store::Store& store) {
  const auto runs = store.runs(runs_to_verify);
  if (!runs) return findings.push_back(of(runs.error()));
  for (const auto& run : *runs)
    if (const auto whole = store.verify(run.id); !whole) return findings.push_back(of(whole.error()));
  findings.push_back(Finding::good(fmt::format("the journal of the last {} deployments is whole", runs->size())));
}

void examine_notices(Findings& findings, store::Store& store) {
  for (const std::string state : {"queued", "failed", "off"}) {
    const auto notices = store.notices(state);
    if (!notices) return findings.push_back(of(notices.error()));
    if (notices->empty() || (state == "queued" && notices->back().attempts == 0)) continue;
    const auto& last = notices->back();
    findings.push_back(Finding::bad(
        fmt::format("{} notifications could not be delivered; the last one, for {}: {}", notices->size(), last.channel,
                    last.error),
        state == "queued" ? "it is tried again by every deployment, and by `shunt cleanup --due`"
                          : "correct the channel in the app file; what was given up is not sent any more"));
  }
}

void examine_store(Findings& findings, const std::filesystem::path& folder) {
  auto opened = store::open(folder, store::Mode::read);
  if (!opened && opened.error().code == "SH1805")
    return findings.push_back(
        Finding::good(fmt::format("nothing was deployed yet; the state will be in {}", folder.string())));
  if (!opened) return findings.push_back(of(opened.error()));
  examine_permissions(findings, folder);
  examine_disk(findings, folder);
  examine_journal(findings, **opened);
  examine_notices(findings, **opened);
  const auto runs = (*opened)->runs(1);
  const bool has_runs = runs && !runs->empty();
  examine_clock(findings, folder, has_runs ? std::max(runs->front().started, runs->front().ended) : 0);
}

Task<void> examine_proxy(effects::Fleet& fleet, const Service* service, Findings* findings) {
  auto proxy = co_await fleet.current_proxy(service->name);
  if (!proxy) {
    findings->push_back(of(proxy.error()));
    co_return;
  }
  auto view = co_await (*proxy)->observe();
  if (!view) {
    findings->push_back(of(view.error()));
    co_return;
  }
  findings->push_back(Finding::good(fmt::format("the proxy of {} answers: blue {} %, green {} %", service->name,
                                                view->effective.blue, view->effective.green)));
  if (!view->shiftable)
    findings->push_back(
        Finding::bad(fmt::format("the proxy of {} can send all traffic or none: {}", service->name, view->note),
                     "use a balance algorithm with weights; strategies that shift in steps need it"));
  if (view->shiftable && !view->note.empty())
    findings->push_back(Finding::bad(fmt::format("the proxy of {}: {}", service->name, view->note),
                                     "the adapter's page says what it means"));
  if (!view->cost.empty())
    findings->push_back(Finding::bad(fmt::format("the proxy of {}: {}", service->name, view->cost),
                                     "the adapter's page shows how to switch without it"));
  auto more = co_await (*proxy)->examine();
  findings->insert(findings->end(), more.begin(), more.end());
}

Task<void> examine_runtime(effects::Fleet& fleet, const Service* service, Findings* findings) {
  auto runtime = fleet.runtime(service->name, fleet.deployment().to);
  if (!runtime) {
    findings->push_back(of(runtime.error()));
    co_return;
  }
  std::string app = fleet.deployment().app;
  auto listed = co_await (*runtime)->list(std::move(app));
  if (!listed) findings->push_back(of(listed.error()));
}

// Whether the store is an old copy.
Task<void> examine_memory(effects::Fleet& fleet, store::Store* store, Findings* findings) {
  std::vector<store::Driver> drivers;
  for (const auto& service : fleet.deployment().next.services)
    if (auto proxy = service.has_proxy() ? fleet.proxy(service.name) : Result<Proxy*>(nullptr); proxy && *proxy)
      drivers.push_back(store::Lock::last_in(store::target_lock_file((*proxy)->target())));
  const auto found = co_await remembered(fleet, std::move(drivers));
  if (found.error) co_return;  // which is told as a finding of its runtime
  if (auto known = compare(*store, found.memories); !known) findings->push_back(of(known.error()));
}

Task<void> examine_metrics(effects::Fleet& fleet, Findings* findings) {
  if (fleet.deployment().metrics.empty()) co_return;
  auto metrics = fleet.metrics();
  if (!metrics) {
    findings->push_back(of(metrics.error()));
    co_return;
  }
  for (const auto& gate : fleet.deployment().gates) {
    std::string query = gate.query;
    auto reading = co_await (*metrics)->query(std::move(query));
    if (!reading) {
      findings->push_back(of(reading.error()));
      continue;
    }
    const auto shown = reading->state == "ok" ? fmt::format("{}", reading->value) : reading->state;
    findings->push_back(Finding::good(fmt::format("the gate '{}' can be asked: {}", gate.name, shown)));
  }
}

Task<Findings> examine_world(effects::Fleet& fleet, store::Store* store) {
  Findings findings;
  if (store != nullptr) co_await examine_memory(fleet, store, &findings);
  for (const auto& service : fleet.deployment().next.services) {
    const auto* each = &service;
    co_await examine_runtime(fleet, each, &findings);
    if (service.has_proxy()) co_await examine_proxy(fleet, each, &findings);
  }
  co_await examine_metrics(fleet, &findings);
  co_return findings;
}

Findings examine_helpers(const std::filesystem::path& helpers) {
  const auto program = helpers / "shunt-supervise";
  if (::access(program.c_str(), X_OK) == 0) return {};
  return {Finding::bad(fmt::format("the helper program {} is missing", program.string()), "install shunt again")};
}

Value to_value(const Findings& findings) {
  Value list = Value::array();
  for (const auto& finding : findings)
    list.push_back({{"fine", finding.fine}, {"what", finding.what}, {"remedy", finding.remedy}});
  return list;
}

}  // namespace

Ending Engine::doctor(const std::filesystem::path& app_file) {
  auto app = load_app(app_file, registry_, scripts_);
  if (!app) return Ending(2, app.error());
  const auto folder = state_folder(settings_, app->name);
  Findings findings = examine_helpers(settings_.helpers);
  examine_store(findings, folder);
  World world(folder, settings_.helpers);
  const auto deployment = compose(*app, "doctor", std::nullopt, Side(), "doctor");
  effects::Fleet fleet(deployment, world.context(), registry_);
  const auto store = store::open(folder, store::Mode::read);
  const auto seen = world.run(examine_world(fleet, store ? store->get() : nullptr));
  findings.insert(findings.end(), seen.begin(), seen.end());
  for (const auto& warning : app->warnings)
    findings.push_back(Finding::bad(warning, "`shunt check` says more about the app file"));
  const bool fine = std::all_of(findings.begin(), findings.end(), [](const Finding& one) { return one.fine; });
  Ending ending(fine ? 0 : 1);
  ending.document = {{"app", app->name}, {"state_dir", folder.string()}, {"findings", to_value(findings)}};
  return ending;
}

}  // namespace shunt
