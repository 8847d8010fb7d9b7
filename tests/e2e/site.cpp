#include "e2e/site.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

namespace shunt::e2e {

std::vector<Json> Ended::events() const {
  std::vector<Json> events;
  std::istringstream lines(out);
  for (std::string line; std::getline(lines, line);) {
    auto object = Json::parse(line, nullptr, false);
    if (object.is_object()) events.push_back(std::move(object));
  }
  return events;
}

Json Ended::last(const std::string& name) const {
  Json found;
  for (const auto& event : events())
    if (event.value("event", "") == name) found = event;
  return found;
}

Site::Site(SiteOptions options) : options_(std::move(options)) {
  const auto ports = harness::free_ports(2);
  blue = ports[0];
  green = ports[1];
  harness::HaproxyOptions haproxy;
  // An algorithm without weights knows only 0 % and 100 % of what its configuration says.
  const int weight = options_.balance == "static-rr" ? 100 : 0;
  haproxy.servers = {{"blue", blue, std::max(weight, options_.configured_blue)}, {"green", green, weight}};
  haproxy.balance = options_.balance;
  if (options_.cookies) haproxy.backend_lines = {"cookie SRV insert indirect dynamic", "dynamic-cookie-key anything"};
  haproxy.state_file = options_.state_file;
  proxy = std::make_unique<harness::Haproxy>(folder, haproxy);
  write_app(app_text());
}

bool Desk::soaks() {
  return harness::eventually(std::chrono::seconds(20), [&] {
    const auto lock = status()["lock"];
    return lock.is_object() && lock.value("step", "") == "soak";
  });
}

void Site::configure(SiteOptions options) {
  options_ = std::move(options);
  write_app(app_text());
}

void Desk::write_app(const std::string& text) {
  folder.write("shunt.lua", text);
}

std::string Site::app_text() const {
  const auto smoke = options_.smoke ? "smoke = { { path = \"/\", status = 200, contains = \"Shop {version}\" } }," : "";
  const auto verify =
      options_.verify
          ? fmt::format(
                "verify = {{ url = \"{}\", header = \"X-Version\", equals = \"{{version}}\", timeout = \"5s\" }},",
                proxy->url("/"))
          : std::string();
  const auto state_file =
      options_.state_file ? fmt::format("state_file = \"{}\",", proxy->state_file().string()) : std::string();
  return fmt::format(
      R"(return {{
  app = "shop",
  strategy = "{strategy}",
  options = {{ {options} }},
  {more}
  services = {{
    web = {{
      runtime = {{
        type = "process",
        command = {{ {wrapper} "{shop}", "--port", "{{port}}", "--version", "{{version}}", "--color", "{{color}}", {command_more} }},
        ports = {{ blue = {blue}, green = {green} }},
      }},
      health = {{ path = "/health/ready", timeout = "{health_timeout}", interval = "100ms" }},
      {smoke}
      proxy = {{ type = "haproxy", socket = "{socket}", backend = "shop", servers = {{ blue = "blue", green = "green" }}, {state_file} {proxy_more} }},
      {verify}
      drain = "{drain}",
      stop = {{ signal = "TERM", grace = "3s" }},
      {service_more}
    }},
  }},
}}
)",
      fmt::arg("strategy", options_.strategy), fmt::arg("options", options_.options), fmt::arg("more", options_.more),
      fmt::arg("shop", harness::shop_program().string()), fmt::arg("command_more", options_.command_more),
      fmt::arg("blue", blue), fmt::arg("green", green), fmt::arg("health_timeout", options_.health_timeout),
      fmt::arg("smoke", smoke),
      fmt::arg("socket", options_.socket.empty() ? proxy->socket().string() : options_.socket),
      fmt::arg("state_file", state_file), fmt::arg("verify", verify), fmt::arg("drain", options_.drain),
      fmt::arg("service_more", options_.service_more), fmt::arg("wrapper", options_.wrapper),
      fmt::arg("proxy_more", options_.proxy_more));
}

harness::Command Desk::command(std::vector<std::string> words, std::map<std::string, std::string> env) const {
  harness::Command command;
  command.argv = {harness::shunt_program().string(), "-f", app_file().string(), "--state", state().string()};
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.env = std::move(env);
  command.env.emplace("GITHUB_ACTIONS", "");
  command.cwd = folder.path();
  return command;
}

Ended Desk::shunt(std::vector<std::string> words, std::map<std::string, std::string> env) {
  const auto ran = harness::run(command(std::move(words), std::move(env)), std::chrono::seconds(60));
  Ended ended;
  ended.code = ran.code();
  ended.out = ran.out;
  ended.err = ran.err;
  return ended;
}

harness::Program Desk::start(std::vector<std::string> words, std::map<std::string, std::string> env) {
  harness::Program program(command(std::move(words), std::move(env)));
  program.start();
  return program;
}

Json Desk::status() {
  const auto ended = shunt({"--json", "status"});
  return Json::parse(ended.out, nullptr, false);
}

std::string Site::serving() const {
  const auto answer = harness::http_get(proxy->url("/"));
  return answer.status == 200 ? answer.header("x-version") : "";
}

long Site::answers_of(int port) const {
  const auto answer = harness::http_get(port, "/requests");
  return answer.status == 200 ? std::stol(answer.body) : -1;
}

std::vector<pid_t> Desk::shops() const {
  std::vector<pid_t> shops;
  for (const auto pid : harness::processes_of(folder.path())) {
    std::ifstream comm(fmt::format("/proc/{}/comm", pid));
    std::string name;
    std::getline(comm, name);
    if (name == "shop") shops.push_back(pid);
  }
  return shops;
}

void Desk::crash_instances_of(const std::string& version) {
  for (const auto pid : shops()) {
    std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
    std::ostringstream arguments;
    arguments << file.rdbuf();
    const auto wanted = std::string("--version\0", 10) + version + '\0';
    if (arguments.str().find(wanted) == std::string::npos) continue;
    std::ifstream stat(fmt::format("/proc/{}/stat", pid));
    std::string number, name, state;
    pid_t supervisor = 0;
    if (stat >> number >> name >> state >> supervisor && supervisor > 1) ::kill(supervisor, SIGKILL);
    ::kill(pid, SIGKILL);
  }
}

void Desk::crash_instances() {
  for (const auto pid : harness::processes_of(folder.path())) {
    std::ifstream comm(fmt::format("/proc/{}/comm", pid));
    std::string name;
    std::getline(comm, name);
    if (name.rfind("shunt-superv", 0) == 0) ::kill(pid, SIGKILL);
  }
  for (const auto pid : shops()) ::kill(pid, SIGKILL);
}

SiteOptions long_soak() {
  SiteOptions options;
  options.options = "soak = \"60s\"";
  options.drain = "1s";
  return options;
}

bool switched(const Site& site) {
  return site.proxy->stat("blue", "weight") == "0" && site.serving() == "v2";
}

}  // namespace shunt::e2e
