#include "simulate/stand_in.hpp"

#include <fmt/format.h>

namespace shunt::simulate {

namespace {

Service web(Colour colour, const std::string& version) {
  const int port = colour == Colour::blue ? 3000 : 3001;
  Service service;
  service.name = "web";
  service.runtime = "model";
  Place place;
  place.id = fmt::format("shop-web-{}-0", name_of(colour));
  place.address = fmt::format("127.0.0.1:{}", port);
  place.config = Value::object();
  service.places = {place};
  service.health.type = "http";
  service.health.path = "/health";
  SmokeTest smoke;
  smoke.name = "the start page";
  smoke.path = "/";
  service.smoke = {smoke};
  service.proxy = "model";
  service.verify.url = "http://127.0.0.1:8080/";
  service.verify.header = "X-Version";
  service.verify.equals = version;
  return service;
}

Side side_of(Colour colour, const std::string& version) {
  Side side;
  side.release = version.empty() ? "" : "release-" + version;
  side.version = version;
  side.services = {web(colour, version)};
  return side;
}

}  // namespace

Deployment stand_in(const std::string& version, bool first) {
  Deployment deployment;
  deployment.id = "simulated";
  deployment.app = "shop";
  deployment.first = first;
  deployment.to = first ? Colour::blue : Colour::green;
  deployment.next = side_of(deployment.to, version);
  deployment.prior = side_of(deployment.from(), first ? "" : "v1");
  deployment.metrics = "model";
  Gate gate;
  gate.name = "error rate";
  gate.query = "error_rate";
  gate.max = 0.01;
  deployment.gates = {gate};
  return deployment;
}

}  // namespace shunt::simulate
