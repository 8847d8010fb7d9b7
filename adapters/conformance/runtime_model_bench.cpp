#include "adapters/conformance/runtime_model_bench.hpp"

#include "model/runtime.hpp"

namespace shunt::conformance {

namespace {

class ModelBench : public RuntimeBench {
 public:
  ModelBench() : runtime_([this] { return now_; }) {}

  Runtime& runtime() override { return runtime_; }

  InstanceSpec spec(Behaviour behaviour, const std::string& id) override {
    InstanceSpec spec;
    std::string lines;
    spec.id = id;
    spec.labels.app = "shop";
    spec.labels.service = "web";
    spec.labels.version = "v1";
    spec.labels.run = "run-1";
    spec.address = id.find("green") == std::string::npos ? "127.0.0.1:3000" : "127.0.0.1:3001";
    spec.config = {{"behaviour", static_cast<int>(behaviour)}};
    runtime_.fail_start(id, behaviour == Behaviour::cannot_start ? "there is no such program" : "");
    runtime_.recover(id);
    if (behaviour == Behaviour::prints) {
      runtime_.deafen(id);
      for (int line = 1; line <= 10; ++line) lines += "line " + std::to_string(line) + "\n";
      runtime_.print_at_start(id, lines);
    }
    if (behaviour == Behaviour::ends_for_good) spec.config["restart"] = "never";
    if (behaviour == Behaviour::ends_at_once || behaviour == Behaviour::ends_for_good)
      runtime_.crash_loop(id, Milliseconds(5), 3);
    return spec;
  }

  void crash(const std::string& id) override { runtime_.crash(id, 137); }

  std::shared_ptr<void> stranger(const std::string& address) override {
    runtime_.occupy(address, "nginx (pid 12)");
    return std::shared_ptr<void>(nullptr, [this, address](void*) { runtime_.occupy(address, ""); });
  }

  bool eventually(const std::function<bool()>& condition) override {
    for (int passed = 0; passed < 10'000; passed += 10, now_ += 10)
      if (condition()) return true;
    return condition();
  }

 private:
  std::int64_t now_ = 1'000'000;
  model::ModelRuntime runtime_;
};

}  // namespace

std::unique_ptr<RuntimeBench> make_model_bench() {
  return std::make_unique<ModelBench>();
}

}  // namespace shunt::conformance
