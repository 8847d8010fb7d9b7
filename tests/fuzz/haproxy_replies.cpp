// What HAProxy's runtime socket says, up to what the engine is told of it.
#include "adapters/proxy/haproxy/view.hpp"
#include "fuzz/target.hpp"

namespace shunt::fuzz {

namespace {

using namespace haproxy;  // NOLINT(google-build-using-namespace): it is what is tried here

constexpr std::size_t most_commands = 4;

const Place& place() {
  static const Place shop = {"admin.sock", "shop", {{"blue", "b2"}, {"green"}}};
  return shop;
}

struct Sight {
  std::vector<StatRow> stats;
  std::vector<StateRow> states;
  std::string level = "admin";
};

void check_percent(int number) {
  expect(number >= 0 && number <= 100, "a share is 0 to 100");
}

void read(const std::string& reply, Sight& sight) {
  if (const auto done = parse_done(reply, "set weight shop/blue 10"); !done)
    expect(done.error().code.starts_with("SH15"), "a refusal has a code");
  if (const auto info = parse_info(reply))
    expect(info->pid > 0 && info->uptime >= 0 && info->started >= 0, "times and numbers of processes are not below 0");
  if (auto stats = parse_stat(reply)) sight.stats = std::move(*stats);
  if (auto states = parse_servers_state(reply)) sight.states = std::move(*states);
  if (auto level = parse_level(reply)) sight.level = std::move(*level);
}

void look(const Sight& sight, const Place& at) {
  const auto backend = backend_of(at, sight.stats, sight.states);
  if (!backend) return;
  for (const auto& server : backend->servers) is_taken_out(server);
  const auto view = view_of(at, *backend, sight.level);
  if (!view) return;
  for (const Colour color : both_colours) {
    check_percent(view->weights[color]);
    check_percent(view->effective[color]);
    expect(view->in_flight[color].value_or(0) >= 0, "a count is not below 0");
  }
  expect(view->effective.blue + view->effective.green <= 100, "shares add up to 100 at most");
  for (const auto& server : view->servers) check_percent(server.weight);
}

}  // namespace

void take(std::string_view input) {
  Sight sight;
  read(std::string(input), sight);
  for (std::size_t commands = 1; commands <= most_commands; ++commands) {
    const auto replies = split_replies(input, commands);
    if (!replies) continue;
    expect(replies->size() == commands, "each command has its answer");
    for (const auto& reply : *replies) read(reply, sight);
  }
  look(sight, place());
  look(sight, {"admin.sock", "shop", {{"blue"}, {"green"}}});
}

}  // namespace shunt::fuzz
