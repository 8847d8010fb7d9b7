#include "model/machine.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <stdexcept>

namespace shunt::model {

namespace {

/// An adapter's object belongs to one life of the engine; the machine outlives it.
class SharedRuntime : public Runtime {
 public:
  explicit SharedRuntime(ModelRuntime& machine) : machine_(machine) {}
  Task<Result<InstanceState>> ensure(InstanceSpec spec) override { return machine_.ensure(std::move(spec)); }
  Task<Result<void>> stop(std::string id, Milliseconds grace) override { return machine_.stop(std::move(id), grace); }
  Task<Result<std::vector<InstanceState>>> list(std::string app) override { return machine_.list(std::move(app)); }
  Task<Result<std::string>> logs(std::string id, int lines) override { return machine_.logs(std::move(id), lines); }
  Task<Result<InstanceState>> adopt(InstanceSpec spec, bool may_stop) override {
    return machine_.adopt(std::move(spec), may_stop);
  }
  Task<Result<void>> disown(std::string id) override { return machine_.disown(std::move(id)); }
  Task<Result<Listener>> listener(std::string id, std::string address) override {
    return machine_.listener(std::move(id), std::move(address));
  }
  Images* images() override { return machine_.images(); }

 private:
  ModelRuntime& machine_;
};

/// Which of the machine's proxies it is shows by the addresses of the instances.
class SharedProxy : public Proxy {
 public:
  explicit SharedProxy(Machine& machine) : machine_(machine) {}
  void instances_at(PerColour<std::vector<std::string>> addresses) override { proxy_ = &machine_.proxy_of(addresses); }
  Task<Result<ProxyView>> observe() override { return proxy_->observe(); }
  Task<Result<void>> apply(Weights weights) override { return proxy_->apply(weights); }
  Task<Result<void>> close(Colour colour) override { return proxy_->close(colour); }
  std::string target() const override { return proxy_->target(); }

 private:
  Machine& machine_;
  ModelProxy* proxy_ = nullptr;
};

class SharedMetrics : public Metrics {
 public:
  explicit SharedMetrics(ModelMetrics& machine) : machine_(machine) {}
  Task<Result<Reading>> query(std::string expression) override { return machine_.query(std::move(expression)); }

 private:
  ModelMetrics& machine_;
};

/// Handles stand for themselves: nothing secret is ever read.
class NoSecrets : public Secrets {
 public:
  Task<Result<std::string>> read(Value handle) override { co_return to_text(handle); }
  void remember(std::string) override {}
  std::string mask(std::string text) const override { return text; }
  Value mask_all(Value value) const override { return value; }
  Task<Result<Value>> reveal(Value value) override { co_return value; }
};

/// "127.0.0.1:3001" of "http://127.0.0.1:3001/health".
std::string authority_of(const std::string& url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string::npos ? 0 : scheme + 3;
  return url.substr(begin, url.find_first_of("/?#", begin) - begin);
}

std::string path_of(const std::string& url) {
  const auto begin = url.find(authority_of(url));
  const auto path = url.find('/', begin);
  return path == std::string::npos ? "/" : url.substr(path);
}

Error refused(const std::string& url) {
  Error error("SH1701", Kind::adapter, fmt::format("cannot connect to {}: connection refused", authority_of(url)),
              "look whether anything listens there");
  error.retryable = true;
  return error;
}

http::Response response(int status, std::string body, http::Headers headers = {}) {
  http::Response answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.headers = std::move(headers);
  answer.latency = Milliseconds(1);
  return answer;
}

std::string in_lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char letter) { return static_cast<char>(std::tolower(static_cast<unsigned char>(letter))); });
  return text;
}

template <typename Interface>
Adapter<Interface> adapter_named(const std::string& kind, const std::string& name,
                                 std::function<std::unique_ptr<Interface>(Context&, const Value&)> make) {
  Adapter<Interface> adapter;
  adapter.info.kind = kind;
  adapter.info.name = name;
  adapter.make = std::move(make);
  return adapter;
}

}  // namespace

Machine::Machine(const Deployment& deployment)
    : runtime([this] { return clock.now(); }),
      metrics([this](const std::string&) { return Result<Reading>(number(0, clock.now())); }),
      deployment_(deployment),
      secrets_(std::make_unique<NoSecrets>()),
      context_{*this, *this, *secrets_, "", ""} {
  std::set<std::string> runtimes;
  std::set<std::string> types;
  for (const auto colour : both_colours)
    for (const auto& service : deployment.side(colour).services) {
      runtimes.insert(service.runtime);
      if (service.has_proxy()) types.insert(service.proxy);
    }
  for (const auto& name : deployment.service_names())
    if (const auto* service = deployment.proxied(name)) install(*service);
  for (const auto& name : runtimes)
    registry_.add(adapter_named<Runtime>(
        "runtime", name, [this](Context&, const Value&) { return std::make_unique<SharedRuntime>(runtime); }));
  for (const auto& name : types)
    registry_.add(adapter_named<Proxy>(
        "proxy", name, [this](Context&, const Value&) { return std::make_unique<SharedProxy>(*this); }));
  if (!deployment.metrics.empty())
    registry_.add(adapter_named<Metrics>("metrics", deployment.metrics, [this](Context&, const Value&) {
      return std::make_unique<SharedMetrics>(metrics);
    }));
  start_prior();
}

Machine::~Machine() = default;

void Machine::install(const Service& service) {
  std::vector<ProxyServer> servers;
  for (const auto colour : both_colours) {
    const auto* side = deployment_.service(service.name, colour);
    for (const auto& place : side == nullptr ? service.places : side->places) {
      ProxyServer server;
      server.name = fmt::format("{}-{}", name_of(colour), place.index);
      server.color = colour;
      server.address = place.address;
      if (side != nullptr) servers.push_back(std::move(server));
    }
  }
  auto proxy = std::make_unique<ModelProxy>(
      "model:" + service.name, std::move(servers), [this](const std::string& address) { return answers_at(address); },
      [this] { return clock.now(); });
  Weights weights;
  if (!deployment_.first && deployment_.service(service.name, deployment_.from()) != nullptr)
    weights[deployment_.from()] = 100;
  proxy->configure(weights);
  proxy->set_weights(weights);
  proxies[service.name] = std::move(proxy);
}

ModelProxy& Machine::proxy_of(const PerColour<std::vector<std::string>>& addresses) {
  for (const auto& [name, proxy] : proxies)
    for (const auto colour : both_colours) {
      const auto* service = deployment_.service(name, colour);
      for (const auto& place : service == nullptr ? std::vector<Place>() : service->places)
        if (std::count(addresses[colour].begin(), addresses[colour].end(), place.address) > 0) return *proxy;
    }
  throw std::invalid_argument("no service of the deployment has an instance at these addresses");
}

void Machine::start_prior() {
  if (deployment_.first) return;
  for (const auto& service : deployment_.prior.services)
    for (const auto& place : service.places) {
      InstanceSpec spec;
      spec.id = place.id;
      spec.index = place.index;
      spec.address = place.address;
      spec.config = place.config;
      spec.labels.app = deployment_.app;
      spec.labels.service = service.name;
      spec.labels.color = deployment_.from();
      spec.labels.version = deployment_.prior.version;
      spec.labels.run = deployment_.prior.release;
      runtime.begin(spec);
    }
  clock.pass(Milliseconds(60'000));
  look();
}

const Program& Machine::program_of(const InstanceState& instance) const {
  static const Program ordinary;
  if (programs.empty()) return ordinary;
  const auto found = programs.find({instance.labels.service, instance.labels.version});
  return found == programs.end() ? ordinary : found->second;
}

// What a health check sees.
bool Machine::answers_at(const std::string& address) {
  const auto* instance = runtime.running_at(address);
  if (instance == nullptr) return false;
  const auto& program = program_of(*instance);
  return !program.sick && clock.now() >= instance->started + program.start.count();
}

bool Machine::is_ready(const std::string& service, Colour colour) {
  const auto* spec = deployment_.service(service, colour);
  return spec != nullptr && std::any_of(spec->places.begin(), spec->places.end(),
                                        [this](const Place& place) { return answers_at(place.address); });
}

bool Machine::runs(Colour colour) {
  const auto all = runtime.instances();
  return std::any_of(all.begin(), all.end(),
                     [&](const InstanceState& one) { return one.labels.color == colour && one.state != "exited"; });
}

void Machine::look() {
  for (const auto& [service, proxy] : proxies) proxy->look();
}

Weights Machine::effective(const std::string& service) {
  return proxies.at(service)->effective();
}

Task<Result<http::Response>> Machine::send(http::Request request) {
  if (answers)
    if (auto own = answers(request)) {
      auto answer = std::move(*own);
      co_return std::move(answer);
    }
  for (const auto& [service, proxy] : proxies) {
    const auto* proxied = deployment_.proxied(service);
    if (!proxied->verify.url.empty() && authority_of(proxied->verify.url) == authority_of(request.url)) {
      auto answer = through_proxy(service, request);
      co_return std::move(answer);
    }
  }
  if (!is_place(authority_of(request.url))) co_return response(200, "");
  const auto address = authority_of(request.url);
  Result<http::Response> answer =
      listens(address) ? instance_answers(*runtime.running_at(address), request) : refused(request.url);
  co_return std::move(answer);
}

bool Machine::is_place(const std::string& address) const {
  for (const auto colour : both_colours)
    for (const auto& service : deployment_.side(colour).services)
      for (const auto& place : service.places)
        if (place.address == address) return true;
  return false;
}

bool Machine::listens(const std::string& address) {
  if (!is_place(address)) return true;
  const auto* instance = runtime.running_at(address);
  return instance != nullptr && clock.now() >= instance->started + program_of(*instance).start.count();
}

// Requests go round in turn, so that each colour answers by its share.
Result<http::Response> Machine::through_proxy(const std::string& service, const http::Request& request) {
  const auto shares = effective(service);
  if (shares.blue + shares.green == 0) return response(503, "no server is available");
  auto& turn = turns_[service];
  for (const auto colour : both_colours) turn[colour] += shares[colour];
  const auto next = turn.blue >= turn.green ? Colour::blue : Colour::green;
  turn[next] -= 100;
  const auto* side = deployment_.service(service, next);
  for (const auto& place : side == nullptr ? std::vector<Place>() : side->places)
    if (answers_at(place.address)) return instance_answers(*runtime.running_at(place.address), request);
  return response(503, "no server is available");
}

Result<http::Response> Machine::instance_answers(const InstanceState& instance, const http::Request& request) const {
  const auto* service = deployment_.service(instance.labels.service, instance.labels.color);
  if (program_of(instance).sick) return response(500, "it is sick");
  if (service == nullptr) return response(200, "");
  http::Headers headers;
  if (!service->verify.header.empty())
    headers.emplace_back(in_lower_case(service->verify.header), service->verify.equals);
  const auto path = path_of(request.url);
  for (const auto& test : service->smoke)
    if (test.command.empty() && test.path == path)
      return response(test.status == 0 ? 200 : test.status, test.contains, std::move(headers));
  return response(service->health.status == 0 ? 200 : service->health.status, "", std::move(headers));
}

Task<Result<process::Finished>> Machine::run(process::Command command) {
  Result<process::Finished> finished((process::Finished()));
  if (commands)
    if (auto own = commands(command)) finished = std::move(*own);
  co_return std::move(finished);
}

}  // namespace shunt::model
