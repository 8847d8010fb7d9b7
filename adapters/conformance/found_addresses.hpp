// A story that proxies share whose instances' addresses are found at run time.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "shunt/proxy.hpp"

namespace shunt::conformance {

/// A proxy on its bench, which has one instance a colour: `addresses()`, `answer()` ("blue0", "502"), `run(task)`.
template <typename Bench>
struct Driven {
  Bench& bench;
  Proxy& proxy;

  ProxyView seen() {
    auto view = bench.run(proxy.observe());
    if (!view) FAIL_CHECK(to_paragraph(view.error()));
    return view ? *view : ProxyView();
  }

  void apply(Weights weights) {
    const auto applied = bench.run(proxy.apply(weights));
    if (!applied) FAIL_CHECK(to_paragraph(applied.error()));
  }

  /// All for green, which is answered so.
  void give_green(const std::string& answer) {
    apply(Weights(0, 100));
    CHECK(bench.answer().starts_with(answer));
    CHECK_FALSE(seen().stale);
    CHECK(seen().weights == Weights(0, 100));
  }
};

/// None yet, new ones, one that is gone, one that somebody else has now. Where `switches_in_place`, `running()` (what
/// the proxy runs, its workers) is the same after a switch between addresses that it knows; what it was told already
/// never changes it. `none` begins what is answered where nobody is.
template <typename Bench>
void check_found_addresses(Bench& bench, Proxy& proxy, bool switches_in_place, const std::string& none,
                           const std::function<std::string()>& running) {
  Driven<Bench> it{bench, proxy};
  const auto at = bench.addresses();
  proxy.instances_found_at({at.blue, {""}});
  const auto nobody = bench.run(proxy.apply(Weights(100, 100)));
  REQUIRE_FALSE(nobody);
  CHECK(nobody.error().code == "SH1504");
  CHECK(nobody.error().retryable);
  CHECK_FALSE(nobody.error().remedy.empty());
  CHECK(nobody.error().message.find('\n') == std::string::npos);
  it.apply(Weights(100, 0));
  CHECK(bench.answer() == "blue0");
  CHECK(it.seen().usable == PerColour<int>(1, 0));
  CHECK(it.seen().effective == Weights(100, 0));

  proxy.instances_found_at(at);
  CHECK_FALSE(it.seen().stale);
  it.apply(Weights(100, 100));
  CHECK(it.seen().effective == Weights(50, 50));
  const auto before = running();
  it.give_green("green0");
  proxy.instances_found_at({{}, at.green});
  CHECK_FALSE(it.seen().stale);
  CHECK(it.seen().effective == Weights(0, 100));
  CHECK(it.seen().note.empty());
  if (switches_in_place) CHECK(running() == before);
  const auto after = running();
  it.apply(Weights(0, 100));
  CHECK(running() == after);

  proxy.instances_found_at({{}, at.blue});  // green's old address is somebody else's
  const auto moved = it.seen();
  CHECK(moved.stale);
  CHECK(moved.weights == Weights(0, 100));
  CHECK(moved.effective == Weights(0, 0));
  CHECK(moved.usable.green == 0);
  it.give_green("blue0");
  CHECK(it.seen().effective == Weights(0, 100));

  proxy.instances_found_at({{}, {""}});
  CHECK(it.seen().stale);
  it.give_green(none);
  CHECK(it.seen().effective == Weights(0, 0));
  proxy.instances_found_at({{}, at.green});
  it.give_green("green0");
}

}  // namespace shunt::conformance
