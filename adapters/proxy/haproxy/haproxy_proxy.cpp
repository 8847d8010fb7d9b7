#include "adapters/proxy/haproxy/haproxy_proxy.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "adapters/proxy/haproxy/socket.hpp"
#include "adapters/proxy/haproxy/state_file.hpp"

namespace shunt::adapters {

namespace {

using namespace haproxy;

constexpr int backends_and_servers = 6;  ///< the type of rows in `show stat`
constexpr int most_weight = 100;

constexpr const char* lines_to_paste = R"(global
  stats socket {socket} mode 660 level admin expose-fd listeners
  server-state-file {state_file}
defaults
  mode http
  load-server-state-from-file global
  timeout connect 2s
  timeout client 1m
  timeout server 1m
backend {backend}
  balance roundrobin
  option httpchk GET /health/ready
  server blue  127.0.0.1:3000 check inter 500ms fall 2 rise 1 weight 100
  server green 127.0.0.1:3001 check inter 500ms fall 2 rise 1 weight 0
)";

Schema schema_of_haproxy() {
  Key socket;
  socket.name = "socket";
  socket.path = true;
  socket.doc = "path of the runtime socket (`stats socket` of level admin in haproxy.cfg), or its host:port";
  socket.required = true;
  Key backend;
  backend.name = "backend";
  backend.doc = "name of the backend";
  backend.required = true;
  Key servers;
  servers.name = "servers";
  servers.type = Type::per_color;
  servers.doc = "name or names of each color's servers in the backend: { blue = \"blue\", green = { \"g1\", \"g2\" } }";
  servers.required = true;
  Key state_file;
  state_file.name = "state_file";
  state_file.path = true;
  state_file.doc = "file that haproxy.cfg loads with load-server-state-from-file, so that a reload keeps the weights";
  Key timeout;
  timeout.name = "timeout";
  timeout.type = Type::duration;
  timeout.fallback = 2'000;
  timeout.doc = "for all that one look or one setting of weights asks of the socket";
  Schema schema;
  schema.keys = {socket, backend, servers, state_file, timeout};
  return schema;
}

/// HAProxy itself takes no other characters, and a semicolon would begin another command.
bool is_name(const std::string& name) {
  const auto fits = [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

Error no_name(const std::string& name, const char* key) {
  return Error(
      "SH1504", Kind::config,
      fmt::format("'{}' in `{}` is no name that HAProxy can have: letters, digits, '-', '_', '.' and ':'", name, key),
      "give the name that stands in haproxy.cfg");
}

std::optional<Error> misuse_of(const Place& place) {
  if (!is_name(place.backend)) return no_name(place.backend, "backend");
  std::set<std::string> seen;
  for (const Colour color : both_colours) {
    for (const auto& server : place.servers[color]) {
      if (!is_name(server)) return no_name(server, "servers");
      if (!seen.insert(server).second)
        return Error("SH1504", Kind::config, fmt::format("server '{}' stands twice in `servers`", server),
                     "give each server to one color, once");
    }
  }
  return std::nullopt;
}

std::string stat_command(const Place& place) {
  return fmt::format("show stat {} {} -1", place.backend, backends_and_servers);
}

std::string state_command(const Place& place) {
  return "show servers state " + place.backend;
}

}  // namespace

Adapter<Proxy> haproxy_proxy() {
  Adapter<Proxy> adapter;
  adapter.info.kind = "proxy";
  adapter.info.name = "haproxy";
  adapter.info.status = "stable";
  adapter.info.summary = "shifts the requests of an HAProxy backend by its runtime socket";
  adapter.info.schema = schema_of_haproxy();
  adapter.info.paste = lines_to_paste;
  adapter.info.operations = {
      {"observe", EffectClass::observe}, {"apply", EffectClass::compare_and_set}, {"close", EffectClass::ensure}};
  adapter.make = [](Context&, const Value& config) { return std::make_unique<HaproxyProxy>(config); };
  return adapter;
}

HaproxyProxy::HaproxyProxy(const Value& config)
    : state_file_(config.value("state_file", "")), timeout_(config.at("timeout").get<std::int64_t>()) {
  place_.socket = config.at("socket").get<std::string>();
  place_.backend = config.at("backend").get<std::string>();
  for (const Colour color : both_colours)
    place_.servers[color] = config.at("servers").at(text_of(color)).get<std::vector<std::string>>();
  misuse_ = misuse_of(place_);
}

std::string HaproxyProxy::target() const {
  const auto socket =
      is_path(place_.socket) ? std::filesystem::path(place_.socket).lexically_normal().string() : place_.socket;
  return fmt::format("haproxy:{}:{}", socket, place_.backend);
}

void HaproxyProxy::instances_found_at(PerColour<std::vector<std::string>> addresses) {
  place_.tells_addresses = true;
  place_.instances = std::move(addresses);
}

/// One answer for each command, over as few connections as their length allows.
Task<Result<std::vector<std::string>>> HaproxyProxy::ask(std::vector<std::string> commands,
                                                         loop::TimeLimit limit) const {
  std::vector<std::string> replies;
  for (std::size_t next = 0; next < commands.size();) {
    std::string line;
    std::size_t count = 0;
    while (next < commands.size() && (line.empty() || line.size() + commands[next].size() < longest_line)) {
      line += (line.empty() ? "" : ";") + commands[next++];
      ++count;
    }
    auto text = co_await haproxy::ask(place_.socket, std::move(line), limit.rest());
    if (!text) {
      auto error = std::move(text).error();
      if (error.code == "SH1502")
        error.message = fmt::format("HAProxy at {} did not answer within {}", place_.socket, to_text(timeout_));
      co_return error;
    }
    auto part = split_replies(*text, count);
    if (!part) co_return std::move(part).error();
    std::move(part->begin(), part->end(), std::back_inserter(replies));
  }
  co_return replies;
}

Result<Backend> HaproxyProxy::read_backend(const std::string& stat, const std::string& state) const {
  const auto stats = parse_stat(stat);
  if (!stats) return stats.error();
  const auto states = parse_servers_state(state);
  if (!states) return states.error();
  return backend_of(place_, *stats, *states);
}

/// Makes some changes (none: just looks) and reads the backend back in the same connection.
Task<Result<Backend>> HaproxyProxy::look(std::vector<Change> changes, loop::TimeLimit limit) {
  auto commands = commands_for(place_, changes);
  const auto told = commands;
  commands.push_back(stat_command(place_));
  commands.push_back(state_command(place_));
  auto replies = co_await ask(std::move(commands), limit);
  if (!replies) co_return std::move(replies).error();
  for (std::size_t i = 0; i < told.size(); ++i) {
    const bool is_address = told[i].find(" addr ") != std::string::npos;
    auto done = is_address ? parse_placed((*replies)[i], told[i]) : parse_done((*replies)[i], told[i]);
    if (done) continue;
    const auto& error = done.error();
    if (error.code == "SH1505" && told[i].find(" weight ") != std::string::npos) static_weights_ = error;
    co_return error;
  }
  auto backend = read_backend((*replies)[told.size()], (*replies)[told.size() + 1]);
  co_return backend;
}

/// SH1506 when what reads back is something else.
Task<Result<void>> HaproxyProxy::make(std::vector<Change> changes, loop::TimeLimit limit) {
  if (changes.empty()) co_return Result<void>();
  auto backend = co_await look(changes, limit);
  if (!backend) co_return std::move(backend).error();
  auto kept = check_kept(*backend, changes);
  co_return kept;
}

/// The weights of all backends, because HAProxy reads one file for all of them.
Task<Result<void>> HaproxyProxy::persist(loop::TimeLimit limit) const {
  if (state_file_.empty()) co_return Result<void>();
  auto lock = co_await lock_folder_of(state_file_, limit.rest());
  if (!lock) co_return std::move(lock).error();
  std::vector<std::string> commands = {"show servers state"};
  auto replies = co_await ask(std::move(commands), limit);
  if (!replies) co_return std::move(replies).error();
  const auto& dump = replies->front();
  const auto states = parse_servers_state(dump);
  if (!states) co_return states.error();
  auto written = write_state_file(state_file_, without_health(dump));
  co_return written;
}

std::int64_t HaproxyProxy::start_of(const Info& info) {
  if (info.started > 0) return std::llround(info.started * 1000);
  const auto computed = wall_clock_ms() - std::llround(info.uptime * 1000);
  return starts_.emplace(info.pid, computed).first->second;
}

Task<Result<ProxyView>> HaproxyProxy::observe() {
  if (misuse_) co_return *misuse_;
  std::vector<std::string> commands = {"show info float", stat_command(place_), state_command(place_),
                                       "show cli level"};
  auto replies = co_await ask(std::move(commands), loop::TimeLimit(timeout_));
  if (!replies) co_return std::move(replies).error();
  const auto info = parse_info((*replies)[0]);
  if (!info) co_return info.error();
  const auto backend = read_backend((*replies)[1], (*replies)[2]);
  if (!backend) co_return backend.error();
  const auto level = parse_level((*replies)[3]);
  if (!level) co_return level.error();
  auto view = view_of(place_, *backend, *level);
  if (!view) co_return std::move(view).error();
  view->started = start_of(*info);
  if (static_weights_ && view->shiftable) {
    view->shiftable = false;
    view->note = static_weights_->message;
  }
  co_return view;
}

Task<Result<void>> HaproxyProxy::apply(Weights weights) {
  if (misuse_) co_return *misuse_;
  for (const Colour color : both_colours)
    if (weights[color] < 0 || weights[color] > most_weight)
      co_return Error(
          "SH1505", Kind::config,
          fmt::format("{} cannot have the weight {}: weights go from 0 to 100", name_of(color), weights[color]),
          "give a weight from 0 to 100");
  const loop::TimeLimit limit(timeout_);
  auto backend = co_await look(std::vector<Change>(), limit);
  if (!backend) co_return std::move(backend).error();
  auto places = changes_to_place(place_, *backend, weights);
  if (!places) co_return std::move(places).error();
  auto changes = changes_to(place_, *backend, weights);
  auto moves = std::move(*places);
  auto placed = co_await make(std::move(moves), limit);
  if (!placed) co_return std::move(placed).error();
  auto raised = co_await make(std::move(changes.raise), limit);
  if (!raised) co_return std::move(raised).error();
  auto lowered = co_await make(std::move(changes.lower), limit);
  if (!lowered) co_return std::move(lowered).error();
  auto persisted = co_await persist(limit);
  co_return persisted;
}

Task<Result<void>> HaproxyProxy::close(Colour color) {
  if (misuse_) co_return *misuse_;
  const loop::TimeLimit limit(timeout_);
  auto backend = co_await look(std::vector<Change>(), limit);
  if (!backend) co_return std::move(backend).error();
  auto changes = changes_to_close(*backend, color);
  if (!changes) co_return std::move(changes).error();
  auto closing = std::move(*changes);
  auto closed = co_await make(std::move(closing), limit);
  if (!closed) co_return std::move(closed).error();
  auto persisted = co_await persist(limit);
  co_return persisted;
}

/// What haproxy.cfg must say of servers that are told their addresses.
Task<std::vector<Finding>> HaproxyProxy::examine_addresses() {
  std::vector<Finding> findings;
  const auto backend = co_await look(std::vector<Change>(), loop::TimeLimit(timeout_));
  if (!backend) co_return findings;  // the look before this one has told why
  for (const Colour color : both_colours) {
    if (place_.instances[color].size() <= place_.servers[color].size()) continue;
    const auto error = too_few_servers(place_, color);
    findings.push_back(Finding::bad(error.message, error.remedy));
  }
  for (const auto& server : backend->servers) {
    if (!state_file_.empty() && !server.state.is_named)
      findings.push_back(Finding::bad(
          fmt::format("after a reload of HAProxy, server '{}' keeps its weight and port, but has the address in "
                      "haproxy.cfg again",
                      server.name),
          fmt::format("write it so: server {} {}.invalid:9 init-addr last,127.0.0.1", server.name, server.name)));
    if (!server.state.check_address.empty())
      findings.push_back(
          Finding::bad(fmt::format("the health check of server '{}' goes to {}, wherever its instance is", server.name,
                                   server.state.check_address),
                       "remove the check's own `addr` in haproxy.cfg"));
  }
  co_return findings;
}

// Whether haproxy.cfg loads the file cannot be asked for; whether it could be written can be.
Task<std::vector<Finding>> HaproxyProxy::examine() {
  std::vector<Finding> findings;
  if (place_.tells_addresses && !misuse_) findings = co_await examine_addresses();
  if (state_file_.empty()) {
    findings.push_back(Finding::bad(
        fmt::format("HAProxy at {} forgets all weights when it is reloaded or restarted", place_.socket),
        "name a `state_file`, and load it in haproxy.cfg: server-state-file PATH, load-server-state-from-file global"));
    co_return findings;
  }
  const auto folder = std::filesystem::path(state_file_).parent_path();
  const bool writable = ::access(folder.c_str(), W_OK) == 0;
  findings.push_back(writable ? Finding::good(fmt::format("weights are kept in {} over a reload", state_file_))
                              : Finding::bad(fmt::format("{} cannot be written: {}", state_file_, std::strerror(errno)),
                                             "make the folder writable for the user that runs shunt"));
  co_return findings;
}

}  // namespace shunt::adapters
