#include "adapters/runtime/docker/containers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>

#include "adapters/runtime/docker/frames.hpp"
#include "loop/sleep.hpp"
#include "shunt/json.hpp"

namespace shunt::adapters::docker {

namespace {

constexpr Milliseconds start_timeout{120'000};  ///< the first start from a large image on a slow disk
constexpr Milliseconds stop_margin{30'000};     ///< on top of the grace: KILL and clearing up
constexpr Milliseconds removal{30'000};

std::string at_container(const std::string& id, const char* what = "") {
  return "/containers/" + escaped(id) + what;
}

Error not_started(const std::string& name, const Answer& answer) {
  const auto& says = answer.complaint;
  const auto has = [&](const char* words) { return says.find(words) != std::string::npos; };
  std::string remedy = "correct the service's runtime table";
  if (has("already allocated") || has("address already in use") || has("already in use by"))
    remedy = "end what listens at that port, or publish this service at another one";
  else if (has("No such image") || has("image not known"))
    remedy = "build or pull the image first, or let shunt do it: pull = \"missing\"";
  else if (has("network"))
    remedy = "create the network (`docker network create NAME`), or correct `networks`";
  else if (has("exec") || has("executable"))
    remedy = "correct `command`, or build the program into the image";
  return refusal("SH1401", fmt::format("cannot start {}", name), answer, std::move(remedy));
}

/// Podman calls it an error of its own.
bool is_name_taken(const Answer& answer) {
  return answer.status == 409 || answer.complaint.find("the container name \"") != std::string::npos;
}

std::string filters_of(const std::vector<std::string>& labels) {
  return to_text(labels.empty() ? Value{{"status", {"running"}}} : Value{{"label", labels}});
}

/// {"status":"die","Actor":{"Attributes":{"exitCode":"137"}}}, one object after the other.
std::optional<int> last_exit_in(const std::string& events) {
  std::optional<int> code;
  const std::string key = "\"exitCode\":\"";
  for (auto at = events.find(key); at != std::string::npos; at = events.find(key, at + 1))
    code = std::atoi(events.c_str() + at + key.size());
  return code;
}

/// Up to this moment, and not beyond: to its last part, because what happened in this second would be left out.
void end_now(Ask& ask, bool is_podman) {
  // Podman tells nothing of a time that is over.
  if (is_podman) {
    ask.query.emplace_back("stream", "false");
    return;
  }
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count();
  constexpr std::int64_t billion = 1'000'000'000;
  ask.query.emplace_back("until", fmt::format("{}.{:09}", now / billion, now % billion));
}

std::int64_t number_in(const Value& json, const char* first, const char* second) {
  if (!json.is_object() || !json.contains(first) || !json[first].is_object()) return 0;
  const auto& inner = json[first];
  return inner.contains(second) && inner[second].is_number() ? inner[second].get<std::int64_t>() : 0;
}

/// As `docker stats` counts: pages of files that were not used lately can be given back at any time.
std::int64_t memory_in(const Value& stats) {
  const auto used = number_in(stats, "memory_stats", "usage");
  if (!stats.is_object() || !stats.contains("memory_stats")) return 0;
  const auto idle = std::max(number_in(stats["memory_stats"], "stats", "inactive_file"),
                             number_in(stats["memory_stats"], "stats", "total_inactive_file"));
  return idle < used ? used - idle : used;
}

}  // namespace

Task<Result<std::optional<Container>>> Containers::find(std::string name) {
  auto answer = co_await daemon_.ask(Ask("GET", at_container(name, "/json")));
  if (!answer) co_return std::move(answer).error();
  std::optional<Container> found;
  if (answer->status == 404) co_return found;
  if (answer->good()) found = container_in(answer->json);
  if (!found) {
    auto error = refusal("SH1434", "cannot look at the container " + name, *answer, "look at the engine's log");
    co_return error;
  }
  co_return found;
}

Task<Result<std::vector<Container>>> Containers::with(std::vector<std::string> labels) {
  Ask ask("GET", "/containers/json");
  ask.query = {{"all", labels.empty() ? "0" : "1"}, {"filters", filters_of(labels)}};
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (!answer->good() || !answer->json.is_array()) {
    auto error = refusal("SH1434", "cannot list containers", *answer, "look at the engine's log");
    co_return error;
  }
  std::vector<Container> all;
  const Value listed = std::move(answer->json);
  for (const auto& one : listed) {
    std::string id = one.is_object() ? one.value("Id", "") : "";
    auto found = co_await find(std::move(id));
    if (!found) co_return std::move(found).error();
    if (*found) all.push_back(std::move(**found));  // it may have gone since
  }
  co_return all;
}

Task<Result<std::optional<std::string>>> Containers::create(std::string name, Value body) {
  Ask ask("POST", "/containers/create");
  ask.query = {{"name", name}};
  ask.body = std::move(body);
  ask.timeout = start_timeout;
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  std::optional<std::string> id;
  if (is_name_taken(*answer)) co_return id;
  if (!answer->good() || !answer->json.is_object()) {
    auto error = not_started(name, *answer);
    co_return error;
  }
  id = answer->json.value("Id", "");
  co_return id;
}

Task<Result<void>> Containers::connect(std::string name, std::string network, Value body) {
  Ask ask("POST", "/networks/" + escaped(network) + "/connect");
  ask.body = std::move(body);
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  const bool is_there = answer->complaint.find("already exists in network") != std::string::npos ||
                        answer->complaint.find("already connected") != std::string::npos;
  if (answer->good() || is_there) co_return Result<void>();
  auto error = not_started(name, *answer);
  co_return error;
}

Task<Result<void>> Containers::start(std::string name, std::string id) {
  Ask ask("POST", at_container(id, "/start"));
  ask.timeout = start_timeout;
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (answer->good()) co_return Result<void>();  // 304: it runs
  auto error = not_started(name, *answer);
  co_return error;
}

Task<Result<void>> Containers::stop(std::string name, std::string id, Milliseconds grace) {
  Ask ask("POST", at_container(id, "/stop"));
  const auto seconds = (std::max<std::int64_t>(grace.count(), 0) + 999) / 1000;
  ask.query = {{"t", std::to_string(seconds)}};
  ask.timeout = grace + stop_margin;
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (answer->good() || answer->status == 404) co_return Result<void>();
  auto error = refusal("SH1403", fmt::format("cannot stop {}", name), *answer, "look at the engine's log");
  co_return error;
}

Task<Result<void>> Containers::remove(std::string name, std::string id) {
  const auto deadline = std::chrono::steady_clock::now() + removal;
  for (;;) {
    Ask ask("DELETE", at_container(id));
    ask.query = {{"v", "1"}};
    auto answer = co_await daemon_.ask(std::move(ask));
    if (!answer) co_return std::move(answer).error();
    if (answer->status == 404) co_return Result<void>();
    // 409: somebody (perhaps an earlier life of this run) is removing it.
    const bool goes = answer->good() || answer->status == 409;
    if (!goes || std::chrono::steady_clock::now() >= deadline) {
      auto error = refusal("SH1403", fmt::format("{} has ended, but cannot be removed", name), *answer,
                           "look at the engine's log, remove it by hand, and try again");
      co_return error;
    }
    if (!answer->good()) co_await loop::sleep(Milliseconds(50));
  }
}

Task<Result<std::string>> Containers::output(Container container, int lines) {
  Ask ask("GET", at_container(container.id, "/logs"));
  ask.query = {{"stdout", "1"}, {"stderr", "1"}, {"tail", std::to_string(lines)}};
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (answer->status == 404) co_return std::string();
  if (!answer->good()) {
    auto error = refusal("SH1434", fmt::format("cannot read the output of {}", container.name), *answer,
                         "use a logging driver that can be read (json-file, local, journald)");
    co_return error;
  }
  Frames frames(container.has_terminal);
  auto text = frames.take(answer->text);
  co_return text;
}

Task<Result<std::int64_t>> Containers::memory(std::string id) {
  Ask ask("GET", at_container(id, "/stats"));
  ask.query = {{"stream", "0"}, {"one-shot", "1"}};
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (answer->good()) co_return memory_in(answer->json);
  if (answer->status == 404) co_return std::int64_t(0);
  auto error = refusal("SH1434", "cannot see how much memory a container uses", *answer, "look at the engine's log");
  co_return error;
}

Task<std::optional<int>> Containers::last_exit(Container container) {
  Ask ask("GET", "/events");
  ask.query = {{"since", "1"}, {"filters", to_text(Value{{"container", {container.id}}, {"event", {"die", "died"}}})}};
  end_now(ask, daemon_.is_podman());
  auto answer = co_await daemon_.ask(std::move(ask));
  std::optional<int> code;
  if (answer && answer->good()) code = last_exit_in(answer->text);
  co_return code;
}

}  // namespace shunt::adapters::docker
