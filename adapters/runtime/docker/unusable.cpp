#include "adapters/runtime/docker/unusable.hpp"

namespace shunt::adapters::docker {

namespace {

class Unusable : public Runtime {
 public:
  explicit Unusable(Error error) : error_(std::move(error)) {}

  Task<Result<InstanceState>> ensure(InstanceSpec) override { co_return error_; }
  Task<Result<void>> stop(std::string, Milliseconds) override { co_return error_; }
  Task<Result<std::vector<InstanceState>>> list(std::string) override { co_return error_; }
  Task<Result<std::string>> logs(std::string, int) override { co_return error_; }
  Task<Result<Listener>> listener(std::string, std::string) override { co_return error_; }

 private:
  Error error_;
};

}  // namespace

std::unique_ptr<Runtime> unusable(Error why) {
  return std::make_unique<Unusable>(std::move(why));
}

}  // namespace shunt::adapters::docker
