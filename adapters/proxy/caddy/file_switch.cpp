#include "adapters/proxy/caddy/file_switch.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <fstream>
#include <sstream>

#include "adapters/proxy/caddy/common.hpp"
#include "adapters/proxy/caddy/replies.hpp"
#include "adapters/proxy/caddy/running.hpp"
#include "adapters/proxy/caddy/schema.hpp"
#include "files/whole_file.hpp"
#include "process/access.hpp"

namespace shunt::adapters {

namespace {

using namespace caddy;

constexpr std::size_t longest_words = 4'000;

/// The line in which `caddy reload` says why: the last one that begins with "Error", else the last one at all.
std::string reason_of(const std::string& words) {
  std::string last;
  std::string error;
  std::istringstream lines(words);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    last = line;
    if (line.starts_with("Error")) error = line;
  }
  return caddy::reason_in(error.empty() ? last : error);
}

Error refused_routes(const process::Finished& finished, const std::filesystem::path& file) {
  const auto words = finished.err + finished.out;
  Error error("SH1509", Kind::config, fmt::format("Caddy does not take up the routes: {}", reason_of(words)),
              fmt::format("correct what Caddy names, then try again; {} is as it was", file.string()));
  error.evidence = {{"text", words.substr(words.size() - std::min(words.size(), longest_words))}};
  return error;
}

Error not_imported(const std::filesystem::path& file) {
  return Error("SH1504", Kind::config,
               fmt::format("Caddy has read its configuration again, but not the routes in {}", file.string()),
               "import that file in the Caddyfile, inside the site (`shunt adapters caddy` shows the line), and see to "
               "it that `reload` loads that Caddyfile");
}

Error closed_to_caddy(const std::filesystem::path& folder) {
  return Error("SH1508", Kind::config,
               fmt::format("Caddy may not enter {}, so it could not look for the file", folder.string()),
               "let everybody enter that folder (chmod o+x), or give `folder` another one");
}

Error not_the_same(const std::filesystem::path& folder) {
  return Error("SH1508", Kind::config,
               fmt::format("Caddy does not see the folder {} that shunt sees, so it could not look for the file",
                           folder.string()),
               "give Caddy's container that folder at the same path");
}

bool all_are(const std::vector<Steps>& places, const Steps& wanted) {
  return !places.empty() &&
         std::all_of(places.begin(), places.end(), [&](const Steps& steps) { return steps == wanted; });
}

/// What requests come to while the file is called `share`.
Weights shares_at(const std::vector<Steps>& places, const std::string& share, const Addresses& known) {
  const auto* step = places.empty() ? nullptr : step_for(places.front(), share);
  return step == nullptr ? Weights(0, 0) : count(step->dials, known).shares();
}

void describe(ProxyView& view, const std::vector<Steps>& places, const Told& told, const Addresses& known) {
  if (told.shares.size() > 1)
    add_note(view, fmt::format("several files say a share; Caddy finds {} first", told.share));
  if (places.empty()) return;
  if (!all_are(places, places.front()))
    add_note(view, "Caddy has routes for the service in several places, and they differ");
  const auto* step = step_for(places.front(), told.share);
  const auto strangers = step == nullptr ? std::vector<std::string>() : count(step->dials, known).strangers;
  if (!strangers.empty())
    add_note(view, fmt::format("{} in Caddy's routes is neither color's", joined(strangers, ", ")));
}

}  // namespace

CaddyFileSwitch::CaddyFileSwitch(Context& context, const Value& config)
    : admin_(context.http, parse_place(config.at("admin")).value_or(Place())),
      processes_(context.processes),
      folder_(std::filesystem::path(config.value("folder", "")).lexically_normal()),
      service_(config.at("service").get<std::string>()),
      policy_(config.at("policy").get<std::string>()),
      reload_(config.at("reload").get<std::vector<std::string>>()),
      timeout_(config.at("timeout").get<std::int64_t>()),
      misuse_(misuse_of(config)) {}

std::optional<Error> CaddyFileSwitch::misuse_of(const Value& config) const {
  if (!parse_place(config.at("admin"))) return bad_admin(config.at("admin"));
  if (!is_service_name(service_)) return bad_service(service_);
  if (!config.contains("folder")) return no_folder();
  if (!is_plain_folder(folder_.string())) return bad_folder(folder_.string());
  if (reload_.empty()) return no_command();
  return std::nullopt;
}

std::string CaddyFileSwitch::target() const {
  return fmt::format("caddy:{}:{}", folder_.string(), service_);
}

void CaddyFileSwitch::instances_at(PerColour<std::vector<std::string>> addresses) {
  announced_.addresses = std::move(addresses);
}

void CaddyFileSwitch::instances_found_at(PerColour<std::vector<std::string>> addresses) {
  announced_.found = true;
  Proxy::instances_found_at(std::move(addresses));
}

/// Where addresses are found at run time, those of a colour without a weight stay as they are routed: nothing need be
/// reloaded for them, and its last requests are answered.
Addresses CaddyFileSwitch::wanted_addresses(const Sight& sight, Weights weights) const {
  if (!announced_.found) return sight.known;
  auto wanted = sight.routed;
  for (const Colour color : both_colours)
    if (weights[color] > 0) wanted[color] = sight.known[color];
  return wanted;
}

/// What has a weight is routed to where its instances are not.
bool CaddyFileSwitch::is_stale(const Sight& sight) const {
  if (!announced_.found || sight.places.empty()) return false;
  return wanted_addresses(sight, sight.told.weights) != sight.routed;
}

std::filesystem::path CaddyFileSwitch::routes_file() const {
  return folder_ / (service_ + ".caddy");
}

std::optional<std::string> CaddyFileSwitch::text_on_disk() const {
  std::ifstream file(routes_file(), std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Task<Result<CaddyFileSwitch::Sight>> CaddyFileSwitch::look(loop::TimeLimit limit) const {
  std::string path = "/config/";
  const auto config = co_await admin_.read(std::move(path), limit);
  if (!config) co_return config.error();
  auto told = read_told(folder_, service_);
  if (!told) co_return told.error();
  Sight sight;
  sight.places = steps_in(config->value, folder_, service_);
  sight.told = std::move(*told);
  if (!sight.places.empty()) sight.routed = addresses_in(sight.places.front());
  sight.known = sight.routed;
  for (const Colour color : both_colours) {
    const auto& said = announced_.addresses[color];
    if (announced_.found || !said.empty()) sight.known[color] = said;
  }
  co_return sight;
}

/// Where Caddy runs elsewhere, or nobody can say which process it is, nothing is known to be closed.
Task<std::filesystem::path> CaddyFileSwitch::closed_folder(std::int64_t started, loop::TimeLimit limit) {
  if (pid_for_ != started || started == 0) {
    const auto arguments = co_await admin_.arguments(limit);
    pid_ = arguments ? process_with(*arguments) : std::nullopt;
    pid_for_ = started;
  }
  std::filesystem::path closed;
  if (pid_) closed = process::closed_to(*pid_, folder_);
  co_return closed;
}

Task<Result<ProxyView>> CaddyFileSwitch::observe() {
  if (misuse_) co_return *misuse_;
  const loop::TimeLimit limit(timeout_);
  const auto sight = co_await look(limit);
  if (!sight) co_return sight.error();
  const auto requests = co_await admin_.requests(limit);
  if (!requests) co_return requests.error();
  const auto started = co_await admin_.started(limit);
  if (!started) co_return started.error();
  const auto closed = co_await closed_folder(*started, limit);
  ProxyView view;
  view.started = *started;
  view.stale = is_stale(*sight);
  view.in_flight = caddy::in_flight(sight->known, *requests);
  if (policy_ == "ip_hash") view.pinned = "address";
  if (!sight->places.empty()) view.weights = sight->told.weights;
  add_servers(view, sight->known);
  for (const Colour color : both_colours)
    if (view.stale) leave_out_but(view, color, sight->routed[color]);
  describe(view, sight->places, sight->told, sight->known);
  view.effective = shares_at(sight->places, closed.empty() ? sight->told.share : "", sight->known);
  if (!closed.empty()) add_note(view, fmt::format("Caddy may not enter {}, so blue gets everything", closed.string()));
  co_return view;
}

Task<Result<void>> CaddyFileSwitch::reload(loop::TimeLimit limit) const {
  process::Command command(reload_);
  command.timeout = limit.rest();
  command.grace = Milliseconds(500);
  const auto name = joined(reload_, " ");
  const auto finished = co_await processes_.run(std::move(command));
  if (finished && finished->code == 0) co_return Result<void>();
  if (finished) co_return refused_routes(*finished, routes_file());
  if (finished.error().code == "SH1712") co_return too_late(fmt::format("`{}` did not end", name), timeout_);
  co_return Error("SH1501", Kind::config, fmt::format("`{}` cannot be run: {}", name, finished.error().message),
                  "correct `reload` in the proxy's table");
}

/// Brings what Caddy runs to what the addresses need.
Task<Result<void>> CaddyFileSwitch::route(Sight sight, Weights weights, loop::TimeLimit limit) const {
  const auto wanted = steps_for(wanted_addresses(sight, weights), policy_, service_);
  const auto text = text_of(wanted, folder_, service_);
  const auto before = text_on_disk();
  const bool runs = all_are(sight.places, wanted);
  if (before != text)
    if (const auto error = files::write_whole(routes_file(), text))
      co_return file_error(routes_file(), "written", error.message());
  if (runs) co_return Result<void>();
  if (sight.told.shares.empty())
    if (auto told = tell(folder_, service_, weights); !told) co_return told;
  auto reloaded = co_await reload(limit);
  if (!reloaded) {
    if (before && before != text) files::write_whole(routes_file(), *before);
    std::error_code ignored;
    if (!before) std::filesystem::remove(routes_file(), ignored);
    co_return reloaded;
  }
  const auto after = co_await look(limit);
  if (!after) co_return after.error();
  if (all_are(after->places, wanted)) co_return Result<void>();
  co_return not_imported(routes_file());
}

Result<void> CaddyFileSwitch::turn(Weights weights) const {
  const auto before = read_told(folder_, service_);
  if (!before) return before.error();
  const auto is_told = [&](const Told& told) {
    return told.shares.size() == 1 && told.share == share_name(weights) && told.weights == weights;
  };
  if (is_told(*before)) return {};
  if (auto told = tell(folder_, service_, weights); !told) return told;
  const auto after = read_told(folder_, service_);
  if (!after) return after.error();
  if (is_told(*after)) return {};
  return Error("SH1506", Kind::adapter,
               fmt::format("the file in {} is called {}.{} again", folder_.string(), service_, after->share),
               "look for another program that changes it");
}

Task<Result<void>> CaddyFileSwitch::apply(Weights weights) {
  if (misuse_) co_return *misuse_;
  if (auto error = no_weights(weights)) co_return *error;
  const loop::TimeLimit limit(timeout_);
  auto sight = co_await look(limit);
  if (!sight) co_return sight.error();
  const auto now = sight->places.empty() ? Weights() : sight->told.weights;
  if (auto error = unreachable(sight->known, weights, now, announced_.found)) co_return *error;
  if (const auto error = files::make_open_folder(folder_)) co_return file_error(folder_, "made", error.message());
  const auto started = co_await admin_.started(limit);
  if (!started) co_return started.error();
  const auto closed = co_await closed_folder(*started, limit);
  if (!closed.empty()) co_return closed_to_caddy(closed);
  if (pid_ && !process::sees(*pid_, folder_)) co_return not_the_same(folder_);
  const bool reaches_nobody = sight->places.empty() && weights == Weights(0, 0);
  if (reaches_nobody) co_return turn(weights);
  auto routed = co_await route(std::move(*sight), weights, limit);
  if (!routed) co_return routed;
  co_return turn(weights);
}

Task<std::vector<Finding>> CaddyFileSwitch::examine() {
  std::vector<Finding> findings;
  if (misuse_) co_return findings;
  const loop::TimeLimit limit(timeout_);
  const auto sight = co_await look(limit);
  if (!sight) co_return findings;
  const auto file = routes_file().string();
  const bool is_new = !text_on_disk();
  if (is_new && sight->places.empty())
    findings.push_back(Finding::good(fmt::format("the first deployment writes {}", file)));
  else if (sight->places.empty())
    findings.push_back(Finding::bad(fmt::format("Caddy runs without the routes in {}", file),
                                    "import that file in the Caddyfile, inside the site, and reload Caddy"));
  else if (!all_are(sight->places, steps_for(wanted_addresses(*sight, sight->told.weights), policy_, service_)))
    findings.push_back(Finding::bad(fmt::format("Caddy runs other routes than {} needs for these addresses", service_),
                                    "the next deployment reloads Caddy; routes by hand must be those of " + file));
  else
    findings.push_back(Finding::good(fmt::format("Caddy runs the routes in {}; a switch reloads nothing", file)));
  const auto started = co_await admin_.started(limit);
  const std::int64_t known_start = started ? *started : 0;
  const auto closed = co_await closed_folder(known_start, limit);
  if (!closed.empty())
    findings.push_back(Finding::bad(fmt::format("Caddy may not enter {}", closed.string()), "chmod o+x that folder"));
  if (const auto error = not_the_same(folder_); pid_ && !process::sees(*pid_, folder_))
    findings.push_back(Finding::bad(error.message, error.remedy));
  co_return findings;
}

}  // namespace shunt::adapters
