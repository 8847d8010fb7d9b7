#include <doctest/doctest.h>

#include "adapters/conformance/runtime_docker_bench.hpp"
#include "adapters/conformance/runtime_model_bench.hpp"
#include "adapters/conformance/runtime_process_bench.hpp"
#include "adapters/registered.hpp"

namespace shunt::conformance {

const std::map<std::string, MakeBench>& runtime_benches() {
  static const std::map<std::string, MakeBench> benches = {{"model", make_model_bench},
                                                           {"process", make_process_bench},
                                                           {"docker", make_docker_bench},
                                                           {"compose", make_compose_bench}};
  return benches;
}

namespace {

TEST_CASE("every registered runtime is in the suite, and every one in the suite conforms") {
  Registry registry;
  register_adapters(registry);
  int registered = 0;
  for (const auto& info : registry.all()) {
    if (info.kind != "runtime") continue;
    ++registered;
    INFO("adapter: " << info.name);
    CHECK(runtime_benches().contains(info.name));
  }
  CHECK(registered >= 1);
  for (const auto& [name, make_bench] : runtime_benches()) {
    INFO("runtime: " << name);
    check_runtime(make_bench);
  }
}

TEST_CASE("the model of a runtime does what real processes were seen to do, and so do they again") {
  for (const auto& [name, make_bench] : runtime_benches()) {
    INFO("runtime: " << name);
    check_runtime_trace(make_bench);
  }
}

TEST_CASE("a registered runtime says what it is and what its operations promise") {
  Registry registry;
  register_adapters(registry);
  for (const auto& info : registry.all()) {
    if (info.kind != "runtime") continue;
    INFO("adapter: " << info.name);
    CHECK((info.status == "stable" || info.status == "beta"));
    CHECK_FALSE(info.summary.empty());
    for (const char* operation : {"ensure", "stop", "list", "logs", "listener", "adopt", "disown"})
      CHECK(info.operations.contains(operation));
    for (const auto& key : info.schema.keys) CHECK_FALSE(key.doc.empty());
  }
}

}  // namespace

}  // namespace shunt::conformance
