#include "e2e/caddy_site.hpp"

#include <fmt/format.h>

namespace shunt::e2e {

namespace {

std::string quoted_list(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return list;
}

/// What is called "web." and a share, in a folder that holds no other names of that kind.
std::filesystem::path share_file_in(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name != "web.caddy" && !name.ends_with(".shunt")) return entry.path();
  }
  return {};
}

std::string address_of(int port) {
  return fmt::format("127.0.0.1:{}", port);
}

}  // namespace

CaddySite::CaddySite(CaddySiteOptions options) : options_(std::move(options)) {
  const auto ports = harness::free_ports(2);
  blue = ports[0];
  green = ports[1];
  harness::CaddyOptions caddy_options;
  caddy_options.by_file = options_.by_file;
  caddy_options.upstreams = {blue};
  caddy_options.resume = options_.resume;
  caddy = std::make_unique<harness::Caddy>(folder, caddy_options);
  configure(options_);
}

void CaddySite::configure(CaddySiteOptions options) {
  options_ = std::move(options);
  write_app(app_text());
}

std::string CaddySite::proxy_text() const {
  if (!options_.by_file) return fmt::format("type = \"caddy\", admin = \"{}\", id = \"shop\"", caddy->admin());
  auto text = fmt::format("type = \"caddy\", admin = \"{}\", switch = \"file\", folder = \"{}\", reload = {{ {} }}",
                          caddy->admin(), caddy->shares().string(), quoted_list(caddy->reload_command()));
  if (!options_.policy.empty()) text += fmt::format(", policy = \"{}\"", options_.policy);
  return text;
}

std::string CaddySite::app_text() const {
  return fmt::format(
      R"(return {{
  app = "shop",
  strategy = "{strategy}",
  options = {{ {options} }},
  services = {{
    web = {{
      runtime = {{
        type = "process",
        command = {{ "{shop}", "--port", "{{port}}", "--version", "{{version}}", "--color", "{{color}}", {command_more} }},
        ports = {{ blue = {blue}, green = {green} }},
      }},
      health = {{ path = "/health/ready", timeout = "2s", interval = "100ms" }},
      smoke = {{ {{ path = "/", status = 200, contains = "Shop {{version}}" }} }},
      proxy = {{ {proxy} }},
      verify = {{ url = "{url}", header = "X-Version", equals = "{{version}}", timeout = "5s" }},
      drain = "{drain}",
      stop = {{ signal = "TERM", grace = "3s" }},
    }},
  }},
}}
)",
      fmt::arg("strategy", options_.strategy), fmt::arg("options", options_.options),
      fmt::arg("shop", harness::shop_program().string()), fmt::arg("command_more", options_.command_more),
      fmt::arg("blue", blue), fmt::arg("green", green), fmt::arg("proxy", proxy_text()), fmt::arg("url", caddy->url()),
      fmt::arg("drain", options_.drain));
}

std::string CaddySite::serving(const harness::HttpHeaders& headers) const {
  const auto answer = harness::http_get(caddy->url(), headers);
  return answer.status == 200 ? answer.header("x-version") : "";
}

std::string CaddySite::told() const {
  if (options_.by_file) {
    const auto file = share_file_in(caddy->shares());
    return file.empty() ? "" : file.extension().string().substr(1);
  }
  const auto list = Json::parse(caddy->ask("GET", "/id/shop/upstreams"), nullptr, false);
  std::size_t greens = 0;
  for (const auto& one : list) greens += one.value("dial", "") == address_of(green) ? 1U : 0U;
  return list.empty() ? "nobody" : std::to_string(100 * greens / list.size());
}

void CaddySite::send_by_hand(int green_share) const {
  if (options_.by_file) {
    const auto file = share_file_in(caddy->shares());
    std::filesystem::rename(file, caddy->shares() / ("web." + std::to_string(green_share)));
    return;
  }
  Json list = Json::array();
  for (int part = 0; part < 100; part += 5) list.push_back({{"dial", address_of(part < green_share ? green : blue)}});
  caddy->ask("PATCH", "/id/shop/upstreams", list.dump());
}

}  // namespace shunt::e2e
