#include "harness/prometheus.hpp"

#include <fmt/format.h>
#include <cctype>
#include <chrono>
#include <fstream>
#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

namespace shunt::harness {

namespace {

std::string configuration(const PrometheusOptions& options) {
  auto text = fmt::format(
      "global:\n  scrape_interval: {0}\n  scrape_timeout: {0}\n"
      "scrape_configs:\n  - job_name: shop\n    static_configs:\n      - targets:\n",
      options.scrape_interval);
  for (const int port : options.targets) text += fmt::format("          - 127.0.0.1:{}\n", port);
  return text;
}

std::string percent_encoded(const std::string& text) {
  std::string result;
  for (const unsigned char c : text) result += std::isalnum(c) != 0 ? std::string(1, c) : fmt::format("%{:02X}", c);
  return result;
}

std::vector<std::string> command_line(const std::filesystem::path& folder, int port) {
  return {"prometheus", "--config.file=" + (folder / "prometheus.yml").string(),
          "--storage.tsdb.path=" + (folder / "data").string(), "--web.listen-address=127.0.0.1:" + std::to_string(port),
          "--log.level=warn"};
}

}  // namespace

Prometheus::Prometheus(const TemporaryFolder& folder, PrometheusOptions options)
    : folder_(folder / "prometheus"),
      targets_(options.targets.size()),
      port_(free_port()),
      program_({command_line(folder_, port_)}) {
  std::filesystem::create_directories(folder_);
  std::ofstream(folder_ / "prometheus.yml", std::ios::trunc) << configuration(options);
  start();
}

void Prometheus::start() {
  program_.start();
  const bool ready = eventually(
      std::chrono::seconds(30), [&] { return !program_.alive() || has_scraped(); }, std::chrono::milliseconds(50));
  if (!ready || !program_.alive()) throw std::runtime_error("Prometheus does not start: " + program_.output());
}

bool Prometheus::has_scraped() const {
  if (http_get(port_, "/-/ready").status != 200) return false;
  return targets_ == 0 || query("count(up)").find(fmt::format(",\"{}\"]", targets_)) != std::string::npos;
}

std::string Prometheus::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string Prometheus::query(const std::string& expression) const {
  return http_get(port_, "/api/v1/query?query=" + percent_encoded(expression)).body;
}

}  // namespace shunt::harness
