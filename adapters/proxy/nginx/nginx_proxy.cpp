#include "adapters/proxy/nginx/nginx_proxy.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <utility>

#include "adapters/proxy/nginx/schema.hpp"
#include "adapters/proxy/nginx/words.hpp"
#include "adapters/proxy/no_address.hpp"
#include "loop/sleep.hpp"
#include "process/access.hpp"

namespace shunt::adapters {

namespace {

using namespace nginx;

constexpr int most_weight = 100;
constexpr Milliseconds look_pause{10};
constexpr std::size_t longest_dump = 16 << 20;

Error no_address(Colour color, const std::string& upstream) {
  return Error("SH1504", Kind::config,
               fmt::format("{} cannot get requests: nobody says where its instances answer, and upstream {} has no "
                           "server of it",
                           name_of(color), upstream),
               "give the service's runtime ports for that color");
}

Error not_the_same(const std::filesystem::path& folder) {
  return {
      "SH1508", Kind::config,
      fmt::format("nginx does not see the folder {} that shunt sees, so it could not follow the link", folder.string()),
      "give nginx's container that folder at the same path"};
}

Error refused(const std::string& words, const std::filesystem::path& file) {
  Error error("SH1509", Kind::config, fmt::format("nginx refuses the configuration: {}", reason_in(words)),
              fmt::format("correct what nginx names, then try again; {} is as it was", file.string()));
  error.evidence = {{"text", tail_of(words)}};
  return error;
}

Error not_reloaded(const std::string& command, const process::Finished& finished) {
  const auto words = finished.err + finished.out;
  Error error("SH1503", Kind::adapter,
              fmt::format("`{}` ended with status {}: {}", command, finished.code, reason_in(words)),
              "run it by hand; the file is written, and nginx takes it up with the next reload");
  error.retryable = true;
  error.evidence = {{"text", tail_of(words)}};
  return error;
}

Error kept_old(const std::string& log, Milliseconds timeout) {
  const auto reason = reason_in(log);
  Error error("SH1506", Kind::adapter,
              fmt::format("nginx was told to reload, but {} later its old workers still serve{}", to_text(timeout),
                          reason.empty() ? "" : ": " + reason),
              "look into nginx's log of errors, correct what it names, and reload it by hand");
  error.evidence = {{"text", tail_of(log)}};
  return error;
}

Error too_late(const std::string& what, Milliseconds timeout) {
  Error error("SH1502", Kind::timeout, fmt::format("{} within {}", what, to_text(timeout)),
              "look what keeps nginx, or raise `timeout`");
  error.retryable = true;
  return error;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Of nothing but what may stand in a `server` line.
bool is_address(const std::string& address) {
  return !address.empty() && std::all_of(address.begin(), address.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == ':' ||
           c == '-' || c == '_' || c == '[' || c == ']';
  });
}

Error no_such_address(const std::string& address) {
  return Error("SH1504", Kind::config, fmt::format("'{}' is no address that nginx can have", address),
               "give a host and a port");
}

/// SH1504 when a colour shall get requests that has nowhere to send them, unless that may be so for a moment.
template <typename T>
std::optional<Error> unreachable(const PerColour<std::vector<T>>& servers, Weights weights, const std::string& upstream,
                                 bool found) {
  for (const Colour color : both_colours) {
    if (!found && weights[color] > 0 && servers[color].empty()) return no_address(color, upstream);
    for (const auto& server : servers[color])
      if (!is_address(server.address)) return no_such_address(server.address);
  }
  if (!found && servers.blue.empty() && servers.green.empty()) return no_address(Colour::blue, upstream);
  return std::nullopt;
}

bool has_fresh(const Running& now, const Running& before) {
  return std::any_of(now.workers.begin(), now.workers.end(),
                     [&](const Worker& worker) { return !worker.leaving && !before.has(worker.pid); });
}

bool has_old(const Running& now, const Running& before) {
  return std::any_of(now.workers.begin(), now.workers.end(),
                     [&](const Worker& worker) { return !worker.leaving && before.has(worker.pid); });
}

/// What is not known to differ from request to request is taken for a property of the client.
std::string pinned_by(const std::string& split) {
  static const std::string cookie = "$cookie_";
  if (split == "$request_id") return "";
  return split.starts_with(cookie) ? "cookie:" + split.substr(cookie.size()) : "address";
}

std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = file.empty() ? 0 : std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

}  // namespace

Adapter<Proxy> nginx_proxy() {
  Adapter<Proxy> adapter;
  adapter.info.kind = "proxy";
  adapter.info.name = "nginx";
  adapter.info.status = "stable";
  adapter.info.summary = "shifts the requests of an nginx upstream, by a link that nginx follows or by reloads";
  adapter.info.schema = schema_of_nginx();
  adapter.info.paste = lines_to_paste();
  adapter.info.operations = {{"observe", EffectClass::observe}, {"apply", EffectClass::compare_and_set}};
  adapter.make = [](Context& context, const Value& config) {
    return std::make_unique<NginxProxy>(context.processes, config);
  };
  return adapter;
}

NginxProxy::NginxProxy(process::Spawner& processes, const Value& config)
    : processes_(processes),
      upstream_(config.at("upstream").get<std::string>()),
      file_(std::filesystem::path(config.at("file").get<std::string>()).lexically_normal()),
      by_link_(config.at("switch") == "link"),
      link_(std::filesystem::path(config.value("link", "")).lexically_normal()),
      split_(config.at("split").get<std::string>()),
      test_(config.at("test").get<std::vector<std::string>>()),
      reload_(config.at("reload").get<std::vector<std::string>>()),
      pid_file_(config.at("pid_file").get<std::string>()),
      timeout_(config.at("timeout").get<std::int64_t>()) {
  misuse_ = misuse_of(config);
}

std::optional<Error> NginxProxy::misuse_of(const Value& config) const {
  if (!is_upstream_name(upstream_)) return no_upstream_name(upstream_);
  if (!is_split(split_)) return no_split(split_);
  if (test_.empty() || reload_.empty()) return no_command(test_.empty() ? "test" : "reload");
  if (!by_link_) return std::nullopt;
  if (!config.contains("link")) return no_link();
  if (!link_.is_absolute() || !is_free_name(link_.filename().string()) || !is_quotable(link_.string()))
    return bad_link(link_.string());
  return std::nullopt;
}

std::string NginxProxy::target() const {
  return fmt::format("nginx:{}:{}", file_.string(), upstream_);
}

void NginxProxy::instances_at(PerColour<std::vector<std::string>> addresses) {
  announced_.addresses = std::move(addresses);
}

void NginxProxy::instances_found_at(PerColour<std::vector<std::string>> addresses) {
  announced_.found = true;
  Proxy::instances_found_at(std::move(addresses));
}

/// Everything but what belongs to one of the two ways to switch.
Result<Content> NginxProxy::look(Sight& sight) const {
  auto running = find_nginx(pid_file_);
  if (!running) return std::move(running).error();
  auto content = read_file(file_);
  if (!content) return std::move(content).error();
  auto file = parse_upstreams(content->text);
  if (!file) {
    auto error = std::move(file).error();
    error.message = fmt::format("{} cannot be understood: {}", file_.string(), error.message);
    return error;
  }
  sight.running = std::move(*running);
  sight.text = content->text;
  sight.file = std::move(*file);
  sight.has_read = content->exists && sight.running.has_read(content->modified);
  if (by_link_) sight.closed = closed_to(sight.running, folder_of_link(link_));
  return content;
}

Task<Result<ProxyView>> NginxProxy::observe() {
  if (misuse_) co_return *misuse_;
  Sight sight;
  const auto content = look(sight);
  if (!content) co_return content.error();
  if (!by_link_) {
    const auto section = read_weighted(sight.file, upstream_, announced_);
    auto view = view_of(sight, section, announced_);
    co_return view;
  }
  const auto pointer = read_link(link_);
  if (!pointer) co_return pointer.error();
  auto view = view_of(sight, read_linked(sight.file, upstream_), *pointer, announced_);
  view.pinned = pinned_by(split_);
  co_return view;
}

Weights NginxProxy::weights_now(const Sight& sight) const {
  if (!by_link_) return read_weighted(sight.file, upstream_, announced_).weights;
  const auto pointer = read_link(link_);
  return pointer && read_linked(sight.file, upstream_).present ? pointer->weights : Weights();
}

/// A colour may be without an address for a moment while it has a weight; it is not raised then.
std::optional<Error> NginxProxy::nobody_for(const Sight& sight, Weights weights) const {
  if (!announced_.found) return std::nullopt;
  const auto now = weights_now(sight);
  for (const Colour color : both_colours)
    if (weights[color] > now[color] && announced_.addresses[color].empty()) return no_address_yet(color);
  return std::nullopt;
}

/// What the file is to hold. Where it holds just that, except for what nginx ran before, nothing need be written.
Result<std::string> NginxProxy::wanted_text(const Sight& sight, Weights weights) const {
  if (auto error = nobody_for(sight, weights)) return *error;
  return by_link_ ? linked_text(sight, weights) : weighted_text(sight, weights);
}

Result<std::string> NginxProxy::weighted_text(const Sight& sight, Weights weights) const {
  const auto now = read_weighted(sight.file, upstream_, announced_);
  auto section = now;
  section.weights = weights;
  section.known = with_announced(now.known, announced_, weights);
  if (auto error = unreachable(section.known, weights, upstream_, announced_.found)) return *error;
  auto text = with_section(sight.text, sight.file, upstream_, write_weighted(upstream_, section));
  if (text == sight.text) return text;
  section.before = now.present ? (sight.has_read ? now.shares() : now.before) : Weights();
  return with_section(sight.text, sight.file, upstream_, write_weighted(upstream_, section));
}

Result<std::string> NginxProxy::linked_text(const Sight& sight, Weights weights) const {
  const auto now = read_linked(sight.file, upstream_);
  auto section = now;
  section.servers = with_announced(now.servers, announced_, weights);
  if (auto error = unreachable(section.servers, weights, upstream_, announced_.found)) return *error;
  const auto folder = folder_of_link(link_).string();
  auto text = with_section(sight.text, sight.file, upstream_, write_linked(upstream_, split_, folder, section));
  if (text == sight.text) return text;
  section.first = !now.present || (now.first && !sight.has_read);
  return with_section(sight.text, sight.file, upstream_, write_linked(upstream_, split_, folder, section));
}

Task<Result<process::Finished>> NginxProxy::run(std::vector<std::string> words, loop::TimeLimit limit) const {
  const auto name = joined(words);
  process::Command command(std::move(words));
  command.timeout = limit.rest();
  command.grace = Milliseconds(500);
  command.max_output = longest_dump;
  auto finished = co_await processes_.run(std::move(command));
  if (finished) co_return std::move(finished);
  auto error = std::move(finished).error();
  if (error.code == "SH1712") co_return too_late(fmt::format("`{}` did not end", name), timeout_);
  Error no("SH1501", Kind::config, fmt::format("`{}` cannot be run: {}", name, error.message),
           "correct `test` and `reload` in the proxy's table");
  co_return std::move(no);
}

Task<Result<void>> NginxProxy::test(loop::TimeLimit limit) const {
  auto words = test_;
  auto finished = co_await run(std::move(words), limit);
  if (!finished) co_return std::move(finished).error();
  if (finished->code != 0) co_return refused(finished->err + finished->out, file_);
  co_return Result<void>();
}

/// Tells nginx to take up the file, and returns once its new workers alone accept requests: what still reaches the old
/// ones until then goes to where it went before.
Task<Result<void>> NginxProxy::reload(loop::TimeLimit limit) const {
  auto before = find_nginx(pid_file_);
  if (!before) co_return std::move(before).error();
  const auto log_end = size_of(error_log_of(*before));
  auto words = reload_;
  auto finished = co_await run(std::move(words), limit);
  if (!finished) co_return std::move(finished).error();
  if (finished->code != 0) co_return not_reloaded(joined(reload_), *finished);
  auto confirmed = co_await confirm(std::move(*before), log_end, limit);
  co_return confirmed;
}

Task<Result<void>> NginxProxy::confirm(Running before, std::uintmax_t log_end, loop::TimeLimit limit) const {
  int seen = 0;  // a worker says that it leaves a moment before it closes its ports
  for (;;) {
    const auto now = find_nginx(pid_file_);
    if (!now) co_return now.error();
    const bool fresh = has_fresh(*now, before);
    if (fresh && !has_old(*now, before)) {
      if (++seen == 2) co_return Result<void>();
    } else if (limit.is_over()) {
      if (fresh) co_return too_late("nginx's old workers did not stop accepting requests", timeout_);
      co_return kept_old(log_since(error_log_of(before), log_end), timeout_);
    }
    co_await loop::sleep(look_pause);
  }
}

/// Brings the file to what these weights need, and nginx to the file. The caller holds the lock.
Task<Result<void>> NginxProxy::write(Weights weights, loop::TimeLimit limit) const {
  for (;;) {
    Sight sight;
    const auto content = look(sight);
    if (!content) co_return content.error();
    const auto wanted = wanted_text(sight, weights);
    if (!wanted) co_return wanted.error();
    const bool differs = *wanted != sight.text;
    if (!differs && sight.has_read) co_return Result<void>();
    std::optional<Replacement> replacement;
    if (differs) {
      auto made = Replacement::make(file_, *content, *wanted);
      if (!made) co_return std::move(made).error();
      replacement.emplace(std::move(*made));
      if (!replacement->made() && limit.is_over())
        co_return too_late("somebody else kept writing nginx's file, so it could not be written", timeout_);
      if (!replacement->made()) {
        co_await loop::sleep(look_pause);
        continue;
      }
    }
    auto tested = co_await test(limit);
    if (!tested) co_return std::move(tested).error();
    if (replacement) replacement->keep();
    auto reloaded = co_await reload(limit);
    co_return reloaded;
  }
}

/// What must be there before nginx reads a file that names the folders.
Result<void> NginxProxy::prepare_link(Weights weights) const {
  if (auto made = make_folders(link_); !made) return made;
  const auto running = find_nginx(pid_file_);
  if (!running) return running.error();
  if (!process::sees(running->master, folder_of_link(link_))) return not_the_same(folder_of_link(link_));
  if (const auto closed = closed_to(*running, folder_of_link(link_)); !closed.empty())
    return Error("SH1508", Kind::config,
                 fmt::format("nginx's workers may not enter {}, so they could not follow the link", closed.string()),
                 "let everybody enter that folder (chmod o+x), or give `link` another one");
  const auto pointer = read_link(link_);
  if (!pointer) return pointer.error();
  return pointer->leads ? Result<void>() : point(link_, weights);
}

Result<void> NginxProxy::turn_link(Weights weights) const {
  const auto before = read_link(link_);
  if (!before) return before.error();
  if (before->leads && before->weights == weights) return {};
  if (auto pointed = point(link_, weights); !pointed) return pointed;
  const auto after = read_link(link_);
  if (!after) return after.error();
  if (after->leads && after->weights == weights) return {};
  return Error("SH1506", Kind::adapter, fmt::format("{} leads to {} again", link_.string(), after->target),
               "look for another program that changes the link");
}

Task<Result<void>> NginxProxy::apply(Weights weights) {
  if (misuse_) co_return *misuse_;
  for (const Colour color : both_colours)
    if (weights[color] < 0 || weights[color] > most_weight)
      co_return Error(
          "SH1505", Kind::config,
          fmt::format("{} cannot have the weight {}: weights go from 0 to 100", name_of(color), weights[color]),
          "give a weight from 0 to 100");
  const loop::TimeLimit limit(timeout_);
  if (const auto running = find_nginx(pid_file_); !running) co_return running.error();
  auto lock = co_await lock_file(file_, limit.rest());
  if (!lock) co_return std::move(lock).error();
  if (by_link_)
    if (auto prepared = prepare_link(weights); !prepared) co_return prepared;
  auto written = co_await write(weights, limit);
  if (!written || !by_link_) co_return written;
  co_return turn_link(weights);
}

/// What nginx says to another flag than `-t`: both streams, or "" where `test` has no such flag or nginx says no.
Task<std::string> NginxProxy::told_by(const char* flag, loop::TimeLimit limit) const {
  auto words = test_;
  const auto at = std::find(words.begin(), words.end(), "-t");
  std::string told;
  if (at == words.end()) co_return told;
  *at = flag;
  const auto finished = co_await run(std::move(words), limit);
  if (finished && finished->code == 0) told = finished->err + finished->out;
  co_return told;
}

Task<std::vector<Finding>> NginxProxy::examine() {
  std::vector<Finding> findings;
  Sight sight;
  if (misuse_ || !look(sight)) co_return findings;  // the look before this one has told why
  const loop::TimeLimit limit(timeout_);
  const bool is_seen = !by_link_ || process::sees(sight.running.master, folder_of_link(link_));
  if (const auto error = not_the_same(folder_of_link(link_)); !is_seen)
    findings.push_back(Finding::bad(error.message, error.remedy));
  if (by_link_ && is_seen && sight.closed.empty())
    findings.push_back(Finding::good(fmt::format("nginx's workers may follow {}", link_.string())));
  if (by_link_ && !sight.closed.empty())
    findings.push_back(Finding::bad(fmt::format("nginx's workers may not enter {}", sight.closed.string()),
                                    "let everybody enter that folder (chmod o+x), or give `link` another one"));
  const auto tested = co_await test(limit);
  if (!tested) {
    findings.push_back(Finding::bad(tested.error().message, tested.error().remedy));
    co_return findings;
  }
  const auto version = co_await told_by("-v", limit);
  findings.push_back(Finding::good(fmt::format("nginx{} takes its configuration", version_in(version))));
  const auto dump = co_await told_by("-T", limit);
  if (dump.empty()) co_return findings;
  findings.push_back(includes(dump, file_)
                         ? Finding::good(fmt::format("nginx includes {}", file_.string()))
                         : Finding::bad(fmt::format("nginx's configuration does not include {}", file_.string()),
                                        fmt::format("write `include {};` into it, inside http", file_.string())));
  co_return findings;
}

}  // namespace shunt::adapters
