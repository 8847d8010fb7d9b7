#include "harness/caddy.hpp"

#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

namespace shunt::harness {

namespace {

// `/caddy-answers` is Caddy's own, so that it can be told from what it passes on.
std::string caddyfile(const CaddyOptions& options, const std::filesystem::path& folder, int port) {
  auto text = fmt::format("{{\n\tadmin unix/{}/admin.sock\n\tauto_https off\n}}\nhttp://127.0.0.1:{} {{\n",
                          folder.string(), port);
  text += "\tbind 127.0.0.1\n\trespond /caddy-answers 204\n";
  for (const auto& line : options.site) text += "\t" + line + "\n";
  return text + fmt::format("\timport \"{}/{}/web.cadd?\"\n}}\n", folder.string(), options.shares);
}

std::string handler(const CaddyOptions& options) {
  std::string list;
  for (const int port : options.upstreams)
    list += fmt::format(R"({}{{"dial": "127.0.0.1:{}"}})", list.empty() ? "" : ", ", port);
  const auto balancing =
      options.policy.empty() ? "" : fmt::format(R"("load_balancing": {{"selection_policy": {}}}, )", options.policy);
  return fmt::format(R"({{"@id": "{}", "handler": "reverse_proxy", {}"upstreams": [{}]}})", options.id, balancing,
                     list);
}

std::string json(const CaddyOptions& options, const std::filesystem::path& folder, int port) {
  return fmt::format(R"({{
  "admin": {{"listen": "unix/{}/admin.sock"}},
  "apps": {{"http": {{"servers": {{"shop": {{
    "listen": ["127.0.0.1:{}"],
    "automatic_https": {{"disable": true}},
    "routes": [
      {{"match": [{{"path": ["/caddy-answers"]}}], "handle": [{{"handler": "static_response", "status_code": 204}}]}},
      {{"handle": [{}]}}
    ]
  }}}}}}}}
}}
)",
                     folder.string(), port, handler(options));
}

}  // namespace

Caddy::Caddy(const TemporaryFolder& folder, CaddyOptions options)
    : folder_(folder / "caddy"), options_(std::move(options)), port_(free_port()), program_({{"caddy"}}) {
  std::filesystem::create_directories(shares());
  configure(options_);
  start();
}

std::filesystem::path Caddy::config() const {
  return folder_ / (options_.by_file ? "Caddyfile" : "caddy.json");
}

void Caddy::configure(CaddyOptions options) {
  options_ = std::move(options);
  std::ofstream(config(), std::ios::trunc)
      << (options_.by_file ? caddyfile(options_, folder_, port_) : json(options_, folder_, port_));
}

Command Caddy::command(std::vector<std::string> words) const {
  Command command;
  command.argv = std::move(words);
  command.env = {{"HOME", folder_.string()},
                 {"XDG_DATA_HOME", (folder_ / "data").string()},
                 {"XDG_CONFIG_HOME", (folder_ / "config").string()}};
  command.cwd = folder_;
  return command;
}

void Caddy::start() {
  std::vector<std::string> words = {"caddy", "run", "--config", config().string()};
  if (options_.resume) words.emplace_back("--resume");
  program_ = Program(command(std::move(words)));
  program_.start();
  const bool ready = eventually(std::chrono::seconds(20), [&] {
    return !program_.alive() ||
           (http_get(url("/caddy-answers")).status == 204 && std::filesystem::exists(admin_socket()));
  });
  if (!ready || !program_.alive()) throw std::runtime_error("Caddy does not start: " + program_.output());
}

void Caddy::stop() {
  program_.kill();
  std::filesystem::remove(admin_socket());
}

void Caddy::restart() {
  stop();
  start();
}

void Caddy::reload() {
  const auto ran = run({reload_command()});
  if (ran.code() != 0) throw std::runtime_error("Caddy cannot be told to reload: " + ran.output());
}

std::string Caddy::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> Caddy::reload_command() const {
  return {"caddy", "reload", "--config", config().string(), "--address", admin(), "--force"};
}

std::string Caddy::ask(const std::string& method, const std::string& path, const std::string& body) const {
  std::vector<std::string> words = {"curl", "-sS",   "-f", "-m",  "10", "--unix-socket", admin_socket().string(),
                                    "-H",   "Host;", "-X", method};
  if (!body.empty()) words.insert(words.end(), {"-H", "Content-Type: application/json", "-d", body});
  words.push_back("http://caddy" + path);
  const auto ran = run({words});
  if (ran.code() != 0) throw std::runtime_error("Caddy refuses " + method + " " + path + ": " + ran.output());
  return ran.out;
}

}  // namespace shunt::harness
