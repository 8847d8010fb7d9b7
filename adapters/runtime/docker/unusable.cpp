#include "adapters/runtime/docker/unusable.hpp"

#include "shunt/image.hpp"

namespace shunt::adapters::docker {

namespace {

class NoImages : public shunt::Images {
 public:
  explicit NoImages(Error error) : error_(std::move(error)) {}

  Task<Result<std::string>> build(Recipe, Told) override { co_return error_; }
  Task<Result<void>> tag(std::string, std::string) override { co_return error_; }
  Task<Result<std::string>> push(std::string, Told) override { co_return error_; }

 private:
  Error error_;
};

class Unusable : public Runtime {
 public:
  explicit Unusable(Error error) : images_(error), error_(std::move(error)) {}

  Task<Result<InstanceState>> ensure(InstanceSpec) override { co_return error_; }
  Task<Result<void>> stop(std::string, Milliseconds) override { co_return error_; }
  Task<Result<std::vector<InstanceState>>> list(std::string) override { co_return error_; }
  Task<Result<std::string>> logs(std::string, int) override { co_return error_; }
  Task<Result<Listener>> listener(std::string, std::string) override { co_return error_; }
  shunt::Images* images() override { return &images_; }

 private:
  NoImages images_;
  Error error_;
};

}  // namespace

std::unique_ptr<Runtime> unusable(Error why) {
  return std::make_unique<Unusable>(std::move(why));
}

}  // namespace shunt::adapters::docker
