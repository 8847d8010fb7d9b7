// What Caddy's admin API answers, and what shunt makes of a handler and of routes that anybody may have written.
#include "adapters/proxy/caddy/handler.hpp"
#include "adapters/proxy/caddy/replies.hpp"
#include "adapters/proxy/caddy/routes.hpp"
#include "fuzz/target.hpp"

namespace shunt::fuzz {

namespace {

using namespace caddy;  // NOLINT(google-build-using-namespace): it is what is tried here

constexpr const char* folder = "/run/shunt/caddy";
constexpr const char* mark = "shunt-shop";

const Announced& announced() {
  static const Announced instances = {{{"127.0.0.1:3000"}, {"127.0.0.1:3001", "127.0.0.1:3003"}}};
  return instances;
}

const Addresses& addresses() {
  return announced().addresses;
}

void check_shares(Weights shares) {
  for (const Colour color : both_colours) expect(shares[color] >= 0 && shares[color] <= 100, "a share is 0 to 100");
}

void try_words(std::string_view text) {
  const auto reason = reason_in(text);
  expect(reason.size() <= 300 + 3, "a reason is short");
  expect(parse_started(text) >= 0, "a start is no time before 1970");
  parse_arguments(text);
  if (const auto requests = parse_requests(text))
    for (const auto& [address, count] : *requests) expect(count >= 0, "requests are counted");
}

void try_routes(const Value& config) {
  for (const auto& steps : steps_in(config, folder, "web")) {
    const auto known = addresses_in(steps);
    for (const Colour color : both_colours)
      for (const auto& address : known[color]) expect(is_address(address), "a server has an address");
    for (const auto& step : steps) {
      expect(step_for(steps, step.share) != nullptr, "a step is found by its share");
      check_shares(count(step.dials, known).shares());
    }
  }
  expect(places_of_handlers(config).size() <= 100, "a few places are named");
}

void try_handler(const Value& value) {
  auto handler = handler_in(value);
  if (!handler) {
    expect(handler.error().code == "SH1503" || handler.error().code == "SH1504", "a refusal has its code");
    return;
  }
  weights_of(*handler, announced(), mark);
  check_shares(count(handler->dials(), addresses()).shares());
  if (spreading_of(handler->policy) != Spreading::exact) return;
  for (const auto& wanted : {Weights(100, 0), Weights(70, 30), Weights(0, 100)}) {
    handler->upstreams = upstreams_for(*handler, announced(), wanted, mark);
    expect(weights_of(*handler, announced(), mark) == wanted, "weights come back");
    expect(count(handler->dials(), addresses()).strangers.empty(), "the list has shunt's servers and no others");
  }
}

}  // namespace

void take(std::string_view input) {
  try_words(input);
  const auto document = parse_document(input);
  if (!document) {
    expect(document.error().code == "SH1503", "what is no JSON is told");
    return;
  }
  try_routes(*document);
  try_handler(*document);
}

}  // namespace shunt::fuzz
