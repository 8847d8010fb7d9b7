#include "harness/shop.hpp"

#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/paths.hpp"
#include "harness/ports.hpp"

namespace shunt::harness {

namespace {

ShopOptions with_port(ShopOptions options) {
  if (options.port == 0) options.port = free_port();
  return options;
}

}  // namespace

std::vector<std::string> shop_command(const ShopOptions& options) {
  std::vector<std::string> argv = {
      shop_program(), "--port", std::to_string(options.port), "--version", options.version, "--color", options.color};
  argv.insert(argv.end(), options.flags.begin(), options.flags.end());
  return argv;
}

Shop::Shop(ShopOptions options) : options_(with_port(std::move(options))), program_({shop_command(options_)}) {
  start();
}

std::string Shop::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

long Shop::requests() const {
  return std::stol(http_get(url("/requests")).body);
}

void Shop::start() {
  program_.start();
  const bool answers = eventually(std::chrono::seconds(5),
                                  [&] { return !program_.alive() || http_get(url("/health/ready")).status != 0; });
  if (!answers || !program_.alive()) throw std::runtime_error("the shop does not answer: " + program_.output());
}

}  // namespace shunt::harness
