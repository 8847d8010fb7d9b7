#include "e2e/nginx_site.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

namespace shunt::e2e {

namespace {

std::string list_of(const std::vector<std::string>& words) {
  std::string list;
  for (const auto& word : words) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return list;
}

}  // namespace

NginxSite::NginxSite(NginxSiteOptions options) : options_(std::move(options)) {
  const auto ports = harness::free_ports(2);
  blue = ports[0];
  green = ports[1];
  harness::NginxOptions nginx_options;
  nginx_options.by_link = options_.by_link;
  nginx_options.location = options_.location;
  nginx_options.user = options_.user;
  nginx = std::make_unique<harness::Nginx>(folder, nginx_options);
  configure(options_);
}

void NginxSite::configure(NginxSiteOptions options) {
  options_ = std::move(options);
  write_app(app_text());
}

std::string NginxSite::app_text() const {
  auto how = std::string("switch = \"reload\",");
  if (options_.by_link) how = fmt::format("switch = \"link\", link = \"{}\",", nginx->link().string());
  if (!options_.split.empty()) how += fmt::format(" split = \"{}\",", options_.split);
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
      proxy = {{ type = "nginx", upstream = "shop", file = "{file}", pid_file = "{pid_file}", {how}
                test = {{ {test} }}, reload = {{ {reload} }} }},
      verify = {{ url = "{url}", header = "X-Version", equals = "{{version}}", timeout = "5s" }},
      drain = "{drain}",
      stop = {{ signal = "TERM", grace = "3s" }},
    }},
  }},
}}
)",
      fmt::arg("strategy", options_.strategy), fmt::arg("options", options_.options),
      fmt::arg("shop", harness::shop_program().string()), fmt::arg("command_more", options_.command_more),
      fmt::arg("blue", blue), fmt::arg("green", green), fmt::arg("file", nginx->include_file().string()),
      fmt::arg("pid_file", nginx->pid_file().string()), fmt::arg("how", how),
      fmt::arg("test", list_of(nginx->test_command())), fmt::arg("reload", list_of(nginx->reload_command())),
      fmt::arg("url", nginx->url()), fmt::arg("drain", options_.drain));
}

std::string NginxSite::serving(const harness::HttpHeaders& headers) const {
  const auto answer = harness::http_get(nginx->url(), headers);
  return answer.status == 200 ? answer.header("x-version") : "";
}

std::string NginxSite::told() const {
  std::error_code missing;
  if (options_.by_link) return std::filesystem::read_symlink(nginx->link(), missing).string();
  return folder.read("nginx/upstream.conf");
}

void NginxSite::send_by_hand(int green_share) {
  if (options_.by_link) {
    std::filesystem::remove(nginx->link());
    std::filesystem::create_symlink(std::to_string(green_share), nginx->link());
    return;
  }
  std::string text = "upstream shop {\n";
  if (green_share < 100) text += fmt::format("server 127.0.0.1:{} weight={};\n", blue, 100 - green_share);
  if (green_share > 0) text += fmt::format("server 127.0.0.1:{} weight={};\n", green, green_share);
  folder.write("nginx/upstream.conf", text + "}\n");
  const auto before = nginx->workers();
  nginx->reload();
  const bool taken_up = harness::eventually(std::chrono::seconds(10), [&] {
    const auto now = nginx->workers();
    return std::none_of(before.begin(), before.end(),
                        [&](pid_t old) { return std::find(now.begin(), now.end(), old) != now.end(); });
  });
  if (!taken_up) throw std::runtime_error("nginx does not take up its configuration");
}

}  // namespace shunt::e2e
