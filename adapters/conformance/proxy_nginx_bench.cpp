#include "adapters/conformance/proxy_nginx_bench.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <regex>
#include <stdexcept>
#include <thread>

#include "adapters/proxy/nginx/nginx_proxy.hpp"
#include "harness/eventually.hpp"
#include "harness/http_get.hpp"
#include "harness/ports.hpp"

namespace shunt::conformance {

namespace {

// The first word is `test` or `reload`, the others are the real command.
constexpr const char* wrapper_script = R"sh(#!/bin/sh
what=$1
shift
case "$(cat "$(dirname "$0")/trouble")" in
  hang) exec sleep 60 ;;
  late) sleep 0.06 ;;
  lost) "$@"; [ "$what" = test ]; exit ;;
esac
exec "$@"
)sh";

const char* word_for(ProxyTrouble trouble) {
  if (trouble == ProxyTrouble::hang) return "hang";
  if (trouble == ProxyTrouble::late) return "late";
  return trouble == ProxyTrouble::lost_reply ? "lost" : "none";
}

std::vector<std::string> wrapped(const std::string& wrapper, const char* what, const std::vector<std::string>& words) {
  std::vector<std::string> command = {"sh", wrapper, what};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

Value left_out_by_both() {
  return {{"a weight while down is no share", "nginx asks no server for its health"},
          {"nobody usable is no share at all", "nginx asks no server for its health"},
          {"a colour lowered to nothing is still checked", "nginx asks no server for its health"},
          {"an idle server with weight and no process is seen", "nginx asks no server for its health"},
          {"raising lifts maintenance", "a server that is down in the file has no weight there"},
          {"lowering leaves maintenance alone", "the file's servers are shunt's alone: each apply writes them anew"},
          {"requests and websockets are in flight", "nginx counts no requests of an upstream"},
          {"every trouble has an error of its own", "a look asks nginx nothing; nginx's own tests have the troubles"},
          {"half an answer is none", "a look asks nginx nothing"},
          {"a restart is seen and forgets", "the shares are in files: nginx never forgets them"},
          {"what cannot be shifted refuses and keeps serving", "every method of nginx takes weights"}};
}

}  // namespace

NginxBench::NginxBench(ProxySetup setup, bool by_link, harness::NginxOptions more) : setup_(setup), by_link_(by_link) {
  for (const Colour color : both_colours)
    for (int i = 0; i < setup_.servers[color]; ++i) {
      ports_[color].push_back(harness::free_port());
      servers_[color].push_back(std::make_unique<HeldServer>(ports_[color].back(), name_of_server(color, i)));
    }
  more.upstream = setup_.has_odd_names ? "_Shop_1" : "shop";
  more.by_link = by_link;
  if (setup_.has_odd_names) more.shares = "Sh\xc3\xa4r 'es' ;{}#";
  nginx_ = std::make_unique<harness::Nginx>(folder_, more);
  context_ = std::make_unique<BenchContext>(loop_, folder_.path());
  folder_.write("wrapper.sh", wrapper_script);
  folder_.write("trouble", "none");
  config_ = {{"upstream", more.upstream},
             {"file", nginx_->include_file().string()},
             {"switch", by_link ? "link" : "reload"},
             {"test", wrapped(wrapper(), "test", nginx_->test_command())},
             {"reload", wrapped(wrapper(), "reload", nginx_->reload_command())},
             {"pid_file", nginx_->pid_file().string()},
             {"timeout", fmt::format("{}ms", timeout().count())}};
  if (by_link) config_["link"] = nginx_->link().string();
  proxy_ = make_proxy(config_);
  const auto applied = run(proxy_->apply(Weights(100, 0)));
  if (!applied) throw std::runtime_error(to_paragraph(applied.error()));
}

std::string NginxBench::wrapper() const {
  return (folder_ / "wrapper.sh").string();
}

std::string NginxBench::name_of_server(Colour color, int index) {
  return fmt::format("{}{}", name_of(color), index);
}

PerColour<std::vector<std::string>> NginxBench::addresses() const {
  PerColour<std::vector<std::string>> addresses;
  for (const Colour color : both_colours)
    for (const int port : ports_[color]) addresses[color].push_back(fmt::format("127.0.0.1:{}", port));
  return addresses;
}

std::unique_ptr<Proxy> NginxBench::make_proxy(const Value& config) {
  const auto adapter = adapters::nginx_proxy();
  const auto valid = validate(adapter.info.schema, config, "proxy");
  if (!valid) throw std::runtime_error(to_paragraph(valid.error()));
  auto proxy = adapter.make(context_->context(), *valid);
  proxy->instances_at(addresses());
  return proxy;
}

void NginxBench::make(ProxyTrouble trouble) {
  if (trouble_ == ProxyTrouble::down && trouble != ProxyTrouble::down) nginx_->start();
  if (trouble_ != ProxyTrouble::down && trouble == ProxyTrouble::down) nginx_->stop();
  trouble_ = trouble;
  folder_.write("trouble", word_for(trouble));
}

void NginxBench::set_healthy(Colour color, int server, bool healthy) {
  servers_[color].at(static_cast<std::size_t>(server))->set_listening(healthy);
}

std::string NginxBench::file() const {
  return folder_.read("nginx/upstream.conf");
}

void NginxBench::write_without_reload(const std::string& text) {
  // A moment after the workers began, by the clock that files are stamped with.
  std::this_thread::sleep_for(std::chrono::milliseconds(30));
  folder_.write("nginx/upstream.conf", text);
}

void NginxBench::write_by_hand(const std::string& text) {
  write_without_reload(text);
  const auto before = nginx_->workers();
  nginx_->reload();
  const bool taken_up = harness::eventually(std::chrono::seconds(10), [&] {
    const auto now = nginx_->workers();
    return std::none_of(before.begin(), before.end(),
                        [&](pid_t old) { return std::find(now.begin(), now.end(), old) != now.end(); });
  });
  if (!taken_up) throw std::runtime_error("nginx does not take up its configuration");
}

void NginxBench::take_out(Colour color) {
  auto text = file();
  const auto at = addresses();
  for (const auto& address : at[color])
    text = std::regex_replace(text, std::regex("server " + address), "server " + address + " down");
  if (text != file()) write_by_hand(text);
}

void NginxBench::set_weights(Weights weights) {
  if (by_link_) {
    std::filesystem::remove(nginx_->link());
    std::filesystem::create_symlink(std::to_string(weights.green), nginx_->link());
    return;
  }
  std::string text = "upstream shop {\n";
  const auto at = addresses();
  for (const Colour color : both_colours)
    for (const auto& address : at[color])
      if (weights[color] > 0) text += fmt::format("server {} weight={};\n", address, weights[color]);
  write_by_hand(text + "}\n");
}

std::shared_ptr<void> NginxBench::hold(bool) {
  auto client = std::make_shared<harness::Program>(harness::Command{{"curl", "-s", "-m", "20", nginx_->url("/hold")}});
  client->start();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return std::shared_ptr<void>(client.get(), [this, client](void*) {
    for (const Colour color : both_colours)
      for (const auto& server : servers_[color]) server->let_go();
    client->wait(std::chrono::seconds(5));
    folder_.write("held", client->out());
  });
}

std::string NginxBench::answer(const std::string& path) const {
  const auto answer = harness::http_get(nginx_->url(path));
  return answer.status == 200 ? answer.body : std::to_string(answer.status);
}

std::int64_t NginxBench::now() const {
  return wall_clock_ms();
}

bool NginxBench::eventually(const std::function<bool()>& condition) {
  return harness::eventually(std::chrono::seconds(10), condition);
}

ProxyEntry nginx_link_entry() {
  auto left_out = left_out_by_both().get<std::map<std::string, std::string>>();
  left_out["a lost reply is found by looking again"] = "a switch runs no command";
  left_out["cancelled half way leaves nothing behind"] = "a switch is one step";
  return {"nginx", [](ProxySetup setup) { return std::make_unique<NginxBench>(setup, true); }, left_out};
}

ProxyEntry nginx_reload_entry() {
  return {"nginx", [](ProxySetup setup) { return std::make_unique<NginxBench>(setup, false); },
          left_out_by_both().get<std::map<std::string, std::string>>()};
}

}  // namespace shunt::conformance
