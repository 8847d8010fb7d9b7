#include "adapters/proxy/caddy/api_switch.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "adapters/proxy/caddy/common.hpp"
#include "adapters/proxy/caddy/schema.hpp"
#include "loop/sleep.hpp"

namespace shunt::adapters {

namespace {

using namespace caddy;

constexpr Milliseconds change_pause{20};
constexpr const char* cost_of_changes =
    "each switch loads a configuration into Caddy, which closes every websocket and idle keep-alive connections: a "
    "client that does not repeat lost requests may see an error";

/// As it stands in a URL.
std::string encoded(const std::string& text) {
  std::string url;
  for (const unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    url += plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return url;
}

bool is_path(const std::string& path) {
  return path.starts_with("/config/") && path.size() > 8 && path.back() != '/' &&
         std::all_of(path.begin(), path.end(), [](unsigned char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                  c == '.' || c == ':' || c == '/';
         });
}

Error cannot_share(const Handler& handler) {
  return Error("SH1505", Kind::config,
               fmt::format("Caddy's policy {} cannot send a share of the requests to a version", handler.policy),
               "give the handler the selection policy random, round_robin, cookie or ip_hash");
}

void describe(ProxyView& view, const Handler& handler, const Counts& counts) {
  const auto spreading = spreading_of(handler.policy);
  view.shiftable = spreading == Spreading::exact || spreading == Spreading::hashed;
  if (handler.finds_upstreams) {
    view.shiftable = false;
    view.effective = Weights(0, 0);
    add_note(view, "dynamic_upstreams of the handler come before its list, so nobody knows who gets requests");
  } else if (!view.shiftable) {
    add_note(view, fmt::format("the policy {} does not share requests by the entries of a list", handler.policy));
  }
  if (!counts.strangers.empty())
    add_note(view, fmt::format("{} in the list is neither color's, and leaves it with the next switch",
                               joined(counts.strangers, ", ")));
}

/// What comes of a list by a policy that takes its first entry, or one that shunt does not know.
Weights effective_shares(const Handler& handler, const Counts& counts, const Addresses& addresses) {
  if (spreading_of(handler.policy) != Spreading::never) return counts.shares();
  const auto dials = handler.dials();
  if (dials.empty()) return Weights(0, 0);
  return count({dials.front()}, addresses).shares();
}

}  // namespace

CaddyApiSwitch::CaddyApiSwitch(Context& context, const Value& config)
    : admin_(context.http, parse_place(config.at("admin")).value_or(Place())),
      timeout_(config.at("timeout").get<std::int64_t>()) {
  const auto id = config.value("id", "");
  const auto path = config.value("path", "");
  place_ = id.empty() ? path : "/id/" + encoded(id);
  if (!parse_place(config.at("admin"))) misuse_ = bad_admin(config.at("admin"));
  if (id.empty() == path.empty()) misuse_ = no_handler();
  if (id.empty() && !path.empty() && !is_path(path)) misuse_ = bad_path(path);
}

std::string CaddyApiSwitch::target() const {
  return fmt::format("caddy:{}:{}", admin_.name(), place_);
}

std::string CaddyApiSwitch::mark() const {
  return "shunt:" + place_;
}

void CaddyApiSwitch::instances_at(PerColour<std::vector<std::string>> addresses) {
  announced_.addresses = std::move(addresses);
}

void CaddyApiSwitch::instances_found_at(PerColour<std::vector<std::string>> addresses) {
  announced_.found = true;
  Proxy::instances_found_at(std::move(addresses));
}

/// The list is shunt's own, and its instances are elsewhere by now.
bool CaddyApiSwitch::is_stale(const Handler& handler) const {
  const auto marked = marked_weights(handler, announced_, mark());
  if (!announced_.found || !marked) return false;
  Handler wanted = handler;
  wanted.upstreams = upstreams_for(handler, announced_, *marked, mark());
  return handler.dials() != wanted.dials();
}

/// Names the handlers that there are.
Task<Error> CaddyApiSwitch::with_places(Error error, loop::TimeLimit limit) const {
  std::string all = "/config/";
  const auto config = co_await admin_.read(std::move(all), limit);
  const auto places = config ? places_of_handlers(config->value) : std::vector<std::string>();
  error.message = fmt::format("{}: {}", place_, error.message);
  if (!places.empty()) error.message += "; reverse_proxy handlers are at " + joined(places, ", ");
  co_return error;
}

Task<Result<CaddyApiSwitch::Look>> CaddyApiSwitch::look(loop::TimeLimit limit) const {
  auto path = place_;
  auto document = co_await admin_.read(std::move(path), limit);
  std::optional<Error> error;
  Look look;
  if (!document) {
    error = document.error();
  } else {
    auto handler = handler_in(document->value);
    if (!handler) error = handler.error();
    if (handler) look.handler = std::move(*handler);
    look.etag = document->etag;
  }
  if (!error) co_return look;
  if (error->code != "SH1504") co_return *error;
  auto told = co_await with_places(*error, limit);
  co_return told;
}

/// Caddy opens its API anew with every change: for a moment nobody may answer.
Task<Result<CaddyApiSwitch::Look>> CaddyApiSwitch::look_after_change(loop::TimeLimit limit) const {
  for (;;) {
    auto seen = co_await look(limit);
    if (seen || seen.error().code != "SH1501") co_return seen;
    co_await loop::sleep(change_pause);
    if (limit.is_over()) co_return seen;
  }
}

Task<Result<ProxyView>> CaddyApiSwitch::observe() {
  if (misuse_) co_return *misuse_;
  const loop::TimeLimit limit(timeout_);
  const auto seen = co_await look(limit);
  if (!seen) co_return seen.error();
  const auto requests = co_await admin_.requests(limit);
  if (!requests) co_return requests.error();
  const auto started = co_await admin_.started(limit);
  if (!started) co_return started.error();
  const auto& handler = seen->handler;
  const auto counts = count(handler.dials(), announced_.addresses);
  ProxyView view;
  view.weights = weights_of(handler, announced_, mark());
  view.effective = effective_shares(handler, counts, announced_.addresses);
  view.in_flight = caddy::in_flight(announced_.addresses, *requests);
  view.started = *started;
  view.stale = is_stale(handler);
  view.cost = cost_of_changes;
  if (spreading_of(handler.policy) == Spreading::hashed) view.pinned = "address";
  add_servers(view, announced_.addresses);
  if (view.stale)
    for (const Colour color : both_colours) leave_out_but(view, color, handler.dials());
  describe(view, handler, counts);
  co_return view;
}

std::optional<Error> CaddyApiSwitch::refusal(const Handler& handler, Weights weights) const {
  const auto now = announced_.found ? weights_of(handler, announced_, mark()) : Weights();
  if (auto error = unreachable(announced_.addresses, weights, now, announced_.found)) return error;
  const auto spreading = spreading_of(handler.policy);
  const bool is_part = std::any_of(both_colours.begin(), both_colours.end(),
                                   [&](Colour color) { return weights[color] != 0 && weights[color] != 100; });
  const bool is_both = weights.blue > 0 && weights.green > 0;
  if (handler.finds_upstreams) return cannot_share(handler);
  if (spreading == Spreading::roughly && is_part) return cannot_share(handler);
  if (spreading == Spreading::never && (is_part || is_both)) return cannot_share(handler);
  return std::nullopt;
}

bool CaddyApiSwitch::is_told(const Handler& handler, const Value& list, Weights weights) const {
  Handler wanted = handler;
  wanted.upstreams = list;
  return handler.dials() == wanted.dials() && weights_of(handler, announced_, mark()) == weights;
}

Task<Result<void>> CaddyApiSwitch::apply(Weights weights) {
  if (misuse_) co_return *misuse_;
  if (auto error = no_weights(weights)) co_return *error;
  const loop::TimeLimit limit(timeout_);
  auto before = co_await look(limit);
  for (;;) {
    if (!before) co_return before.error();
    if (auto error = refusal(before->handler, weights)) co_return *error;
    auto list = upstreams_for(before->handler, announced_, weights, mark());
    if (is_told(before->handler, list, weights)) co_return Result<void>();
    auto path = place_ + "/upstreams";
    auto etag = before->etag;
    const auto written =
        co_await admin_.write(std::move(path), before->handler.lists_upstreams, list, std::move(etag), limit);
    if (!written) co_return written.error();
    if (!*written) {
      if (limit.is_over()) co_return too_late("somebody else kept changing Caddy's configuration", timeout_);
      co_await loop::sleep(change_pause);
      before = co_await look_after_change(limit);
      continue;
    }
    const auto after = co_await look_after_change(limit);
    if (!after) co_return after.error();
    if (is_told(after->handler, list, weights)) co_return Result<void>();
    co_return Error(
        "SH1506", Kind::adapter,
        fmt::format("the list at {} is another one again: {}", place_, joined(after->handler.dials(), ", ")),
        "look for another program that changes Caddy's configuration");
  }
}

Task<std::vector<Finding>> CaddyApiSwitch::examine() {
  std::vector<Finding> findings;
  if (misuse_) co_return findings;
  const loop::TimeLimit limit(timeout_);
  const auto arguments = co_await admin_.arguments(limit);
  if (!arguments || arguments->empty()) co_return findings;
  const bool resumes = std::find(arguments->begin(), arguments->end(), "--resume") != arguments->end();
  findings.push_back(resumes ? Finding::good("Caddy runs with --resume, and keeps the shares over a restart")
                             : Finding::bad("Caddy forgets the shares when it is restarted or reloaded",
                                            "start it with --resume, and do not reload a Caddyfile"));
  std::string path = "/config/admin";
  const auto admin = co_await admin_.read(std::move(path), limit);
  if (!admin || !admin->value.is_object()) co_return findings;
  const auto config = admin->value.value("config", Value::object());
  if (resumes && config.is_object() && config.value("persist", Value(true)) == false)
    findings.push_back(Finding::bad("Caddy does not keep its configuration: admin.config.persist is false",
                                    "remove that key, or --resume finds nothing"));
  co_return findings;
}

}  // namespace shunt::adapters
