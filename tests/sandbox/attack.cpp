#include "sandbox/attack.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

#include "deploy/load.hpp"
#include "vm/recorder.hpp"

namespace shunt::sandbox {

namespace {

namespace fs = std::filesystem;

constexpr int patience_ms = 10'000 * slowness;
constexpr rlim_t most_memory = 1024 * 1024 * 1024;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Attack attack_of(const fs::path& path) {
  static const std::regex head(R"(^-- \S.*\n-- ends: (\w+(?: or \w+)*)(?: at (\d+))?(?: as (load|app))?\n)");
  Attack attack;
  attack.name = path.stem().string();
  attack.text = text_of(path);
  std::smatch said;
  if (!std::regex_search(attack.text, said, head))
    throw std::runtime_error(path.string() + ": its first two lines do not say what is tried and how it ends");
  std::istringstream codes(said[1]);
  for (std::string code; codes >> code;) {
    if (code == "busy") {
      attack.codes.insert(attack.codes.end(), {"SH1281", "SH1282"});
    } else if (code != "or") {
      attack.codes.push_back(code);
    }
  }
  if (said[2].matched) attack.line = std::stoi(said[2]);
  if (said[3].matched) attack.role = said[3] == "app" ? Role::app : Role::load;
  return attack;
}

ScriptLimits limits() {
  ScriptLimits limits;
  limits.instructions = 20'000'000;
  limits.wall = wall;
  limits.memory = memory;
  limits.stuck = [] { ::_exit(3); };
  return limits;
}

Outcome answer_to(const Call& call) {
  if (call.verb == "launch") return Outcome(Value{{"color", "green"}});
  if (call.verb == "clock.now" || call.verb == "random.number") return Outcome(Value(0.5));
  if (call.verb != "confirm") return Outcome();
  Error rejected("SH1905", Kind::cancelled, "rejected");
  rejected.control = true;
  return Outcome(rejected);
}

std::optional<std::string> environment(const std::string& name) {
  return name == "TOKEN" ? std::optional<std::string>("s3cret-of-the-environment") : std::nullopt;
}

std::optional<Error> run_strategy(const Attack& attack, const ReadFile& files, std::vector<std::string>& breaches) {
  const auto runtime = lua::make_runtime({});
  auto script = runtime->load_strategy("attack.lua", files, limits());
  if (!script) return script.error();
  lua::test::Recorder recorder;
  recorder.answer = answer_to;
  const auto performer = recorder.root();
  const Value deploy = {{"app", "shop"}, {"version", "v2"}, {"services", {"web"}}};
  if (attack.role == Role::load) return std::nullopt;
  auto outcome = recorder.run((*script)->run(*performer, deploy, Value::object()));
  for (const auto& call : recorder.calls)
    if (call.find("\"level\":\"error\"") != std::string::npos) breaches.push_back(call);
  return outcome.error;
}

std::optional<Error> run_app(const ReadFile& files) {
  auto app = lua::make_runtime({})->load_app("attack.lua", files, environment);
  return app ? std::nullopt : std::optional(app.error());
}

// What the parent reads: one line of JSON.
std::string played(const Attack& attack, const fs::path& folder) {
  const std::string text =
      attack.role != Role::run
          ? attack.text
          : "return { api = 1, summary = 'attack', run = function(deploy, options) " + attack.text + "\nend }";
  const ReadFile disk = deploy::files_in(folder, "attack.lua");
  const ReadFile files = [&](const std::string& name) {
    return name == "attack.lua" ? std::optional(text) : disk(name);
  };
  std::vector<std::string> breaches;
  const auto error = attack.role == Role::app ? run_app(files) : run_strategy(attack, files, breaches);
  Value said = {{"code", "ok"}, {"text", ""}, {"file", ""}, {"line", 0}, {"breaches", breaches}};
  if (error) {
    said["code"] = error->code;
    said["text"] = to_line(*error) + " " + error->remedy + " " + to_text(error->evidence) + "\n" + error->traceback;
    said["file"] = error->where.file;
    said["line"] = error->where.line;
  }
  return to_text(said) + "\n";
}

void say(int pipe, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(pipe, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Everything the child says until it ends; nothing more once patience has run out.
std::string heard(int pipe, bool& in_time) {
  std::string text;
  std::array<char, 4096> buffer{};
  pollfd readable{pipe, POLLIN, 0};
  while (true) {
    in_time = ::poll(&readable, 1, patience_ms) > 0;
    if (!in_time) return text;
    const auto got = ::read(pipe, buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

// What goes wrong must not take the machine with it. A sanitizer reserves more than any limit.
void bound_memory() {
#if !defined(__SANITIZE_ADDRESS__)
  const rlimit limit{most_memory, most_memory};
  ::setrlimit(RLIMIT_AS, &limit);
#endif
}

long resident_kib() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

Milliseconds time_of(const rusage& usage) {
  const auto of = [](const timeval& time) { return Milliseconds(time.tv_sec * 1000 + time.tv_usec / 1000); };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace

std::vector<Attack> attacks_in(const fs::path& folder) {
  std::vector<Attack> attacks;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".lua") attacks.push_back(attack_of(entry.path()));
  std::sort(attacks.begin(), attacks.end(),
            [](const Attack& one, const Attack& other) { return one.name < other.name; });
  return attacks;
}

Ended run(const Attack& attack, const fs::path& folder) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe can be made");
  const long before = resident_kib();
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    bound_memory();
    say(ends[1], played(attack, folder));
    ::_exit(0);
  }
  ::close(ends[1]);
  bool in_time = true;
  const auto said = Value::parse(heard(ends[0], in_time), nullptr, false);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  rusage usage{};
  ::wait4(child, &status, 0, &usage);
  ::close(ends[0]);

  Ended ending;
  ending.used = time_of(usage);
  ending.memory_kib = usage.ru_maxrss - before;
  ending.code = !in_time ? "hang" : "crash";
  if (WIFEXITED(status) && WEXITSTATUS(status) != 0) ending.code = by_the_watchdog;
  if (said.is_discarded()) return ending;
  ending.code = said.at("code");
  ending.text = said.at("text");
  ending.file = said.at("file");
  ending.line = said.at("line");
  ending.breaches = said.at("breaches").get<std::vector<std::string>>();
  return ending;
}

}  // namespace shunt::sandbox
