#include "adapters/runtime/docker/images.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>

#include "adapters/runtime/docker/progress.hpp"
#include "loop/pool.hpp"

namespace shunt::adapters::docker {

/// What an engine streams while it works, and what is kept of it.
struct Stream {
  explicit Stream(std::string what) : progress(std::move(what)) {}

  void take(std::string_view bytes) {
    if (broken) return;
    auto lines = progress.take(bytes);
    if (!lines) {
      broken = lines.error();
      return;
    }
    for (const auto& line : *lines) output += line.stream;
    constexpr std::size_t enough = 4'000;
    if (output.size() > 2 * enough) output.erase(0, output.size() - enough);
  }

  Result<void> finish() {
    if (!broken)
      if (auto rest = progress.finish(); !rest) broken = rest.error();
    return broken ? Result<void>(*broken) : Result<void>();
  }

  Progress progress;
  std::string output;  ///< the last of what a build printed
  std::optional<Error> broken;
};

namespace {

constexpr Milliseconds longest_transfer{3'600'000};  ///< what is slow but goes on is not given up
constexpr Milliseconds longest_silence{120'000};     ///< of a registry
constexpr std::string_view tar_name = "context.";    ///< followed by who made it: PID.NUMBER
constexpr Milliseconds longest_step{1'800'000};      ///< of a build: a step that prints nothing

/// A name in a path keeps its slashes.
std::string at_image(const std::string& name, const char* what) {
  std::string path = "/images/";
  for (const char letter : name)
    path += letter == '/' || letter == ':' || letter == '@' ? std::string(1, letter) : escaped({&letter, 1});
  return path + what;
}

std::vector<std::string> names_in(const Value& image) {
  std::vector<std::string> names;
  if (image.is_object() && image.contains("RepoTags") && image["RepoTags"].is_array())
    for (const auto& name : image["RepoTags"])
      if (name.is_string()) names.push_back(name);
  return names;
}

Image image_in(const Value& json) {
  Image image;
  image.id = json.value("Id", "");
  image.names = names_in(json);
  return image;
}

Milliseconds since_start() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

/// Gone with its owner, also where that is cancelled.
struct Scratch {
  explicit Scratch(std::filesystem::path file) : file(std::move(file)) {}
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path file;
};

bool asks_for_login(const std::string& says) {
  const auto has = [&](const char* words) { return says.find(words) != std::string::npos; };
  return has("unauthorized") || has("authentication required") || has("denied") || has("no basic auth") || has("401");
}

/// Removes the tars of programs that were killed: they may be as large as what they were made of.
void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    const auto name = entry.path().filename().string();
    int pid = 0;
    if (!name.starts_with(tar_name)) continue;
    std::from_chars(name.data() + tar_name.size(), name.data() + name.size(), pid);
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) std::filesystem::remove(entry.path(), ignored);
  }
}

/// What a registry's refusal asks for.
std::string transfer_remedy(const std::string& says, const Reference& reference) {
  const auto has = [&](const char* words) { return says.find(words) != std::string::npos; };
  if (asks_for_login(says))
    return fmt::format("log in as the user that runs shunt: `docker login {}`", reference.domain);
  if (has("manifest unknown") || has("not found") || has("manifest for"))
    return "push it first, or correct the version or `image`";
  return "look whether its registry can be reached from the engine's machine";
}

Error transfer_failed(const std::string& code, const std::string& what, const std::string& says,
                      const Reference& reference) {
  return {code, Kind::adapter, fmt::format("{}: {}", what, says), remedy_for(says, transfer_remedy(says, reference))};
}

/// The commands that log in where a base image was refused; "" when that is not why the build failed in `step`. Not
/// every engine's words name the registry.
std::string logins_for(const std::string& says, const std::string& step, const std::vector<BaseImage>& bases) {
  const bool fetches = step.find(": FROM ") != std::string::npos || step.find("--from=") != std::string::npos;
  if (!fetches || !asks_for_login(says)) return "";
  std::set<std::string> commands;
  for (const auto& base : bases) {
    auto command = fmt::format("`docker login {}`", base.name.domain);
    if (says.find(base.name.domain) != std::string::npos) return command;
    commands.insert(std::move(command));
  }
  return fmt::format("{}", fmt::join(commands, " or "));
}

Error build_failed(const std::string& image, const std::string& says, const Stream& stream,
                   const std::vector<BaseImage>& bases) {
  const auto step = stream.progress.summary();
  const auto logins = logins_for(says, step, bases);
  auto remedy = remedy_for(says, "build it by hand to see all of its output: `docker build` in the same folder");
  if (!logins.empty()) remedy = "log in as the user that runs shunt: " + logins;
  Error error("SH1436", Kind::adapter, fmt::format("cannot build {}: {}", image, says), std::move(remedy));
  error.evidence = {{"step", step}, {"output", stream.output}};
  return error;
}

/// A digest says what an image is; what is pushed or given is a name.
Result<Reference> name_in(const std::string& text) {
  auto reference = parse_reference(text);
  if (!reference || reference->digest.empty()) return reference;
  return Error("SH1410", Kind::config, fmt::format("'{}' has a digest, and so is no name that could be given", text),
               "write it without what begins with @");
}

Value pairs_of(const Value& table) {
  Value pairs = Value::object();
  for (const auto& [name, value] : table.items()) pairs[name] = value.is_string() ? value : Value(to_text(value));
  return pairs;
}

}  // namespace

Task<Result<std::optional<Image>>> Images::find(std::string name) {
  if (!name.starts_with("sha256:"))
    if (auto reference = parse_reference(name); !reference) co_return std::move(reference).error();
  auto answer = co_await daemon_.ask(Ask("GET", at_image(name, "/json")));
  if (!answer) co_return std::move(answer).error();
  std::optional<Image> found;
  if (answer->status == 404) co_return found;
  if (!answer->good() || !answer->json.is_object()) {
    auto error = refusal("SH1434", "cannot look at the image " + name, *answer, "look at the engine's log");
    co_return error;
  }
  found = image_in(answer->json);
  co_return found;
}

Task<Result<Login>> Images::login_at(std::string domain) {
  std::string key = registry_key(domain);
  auto file =
      configuration_file([](const std::string& name) { return variable_of_this_program(name.c_str()).value_or(""); });
  auto found = co_await login_for(processes_, secrets_, std::move(key), std::move(file));
  co_return found;
}

Task<Result<http::Headers>> Images::login(Reference reference) {
  auto found = co_await login_at(reference.domain);
  if (!found) co_return std::move(found).error();
  http::Headers headers = {{"X-Registry-Auth", registry_auth_header(*found, reference.domain)}};
  co_return headers;
}

/// For a build. A login that nothing is fetched with is not asked for, so that none can fail.
Task<Result<http::Headers>> Images::logins(std::vector<BaseImage> bases, bool pull) {
  std::map<std::string, Login> known;
  for (const auto& base : bases) {
    const auto& domain = base.name.domain;
    if (known.contains(domain)) continue;
    auto there = co_await find(full_name(base.name));
    if (!there) co_return std::move(there).error();
    if (*there && !pull && !base.of_platform) continue;
    auto login = co_await login_at(domain);
    if (!login) co_return std::move(login).error();
    known[domain] = std::move(*login);
  }
  std::erase_if(known, [](const auto& entry) { return entry.second.empty(); });
  http::Headers headers;
  if (!known.empty()) headers.emplace_back("X-Registry-Config", registry_config_header(known));
  co_return headers;
}

/// Asks, and hears of the stream that comes; what went wrong in it, "" when nothing did.
Task<Result<std::string>> Images::transfer(Ask ask, std::shared_ptr<Stream> stream, Told told) {
  ask.timeout = longest_transfer;
  ask.on_data = [stream, told = std::move(told)](std::string_view bytes) {
    stream->take(bytes);
    const auto news = stream->progress.news(since_start());
    if (news && told) told(*news);
  };
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  std::string wrong = answer->complaint;
  if (!wrong.empty()) co_return wrong;
  auto ended = stream->finish();
  if (!ended) co_return std::move(ended).error();
  wrong = stream->progress.error();
  co_return wrong;
}

Task<Result<void>> Images::pull(std::string name, Told told) {
  auto reference = parse_reference(name);
  if (!reference) co_return std::move(reference).error();
  auto headers = co_await login(*reference);
  if (!headers) co_return std::move(headers).error();
  Ask ask("POST", "/images/create");
  ask.query = {{"fromImage", repository(*reference)},
               {"tag", reference->digest.empty() ? reference->tag : reference->digest}};
  ask.headers = std::move(*headers);
  ask.silence = longest_silence;
  auto stream = std::make_shared<Stream>("pulling " + name);
  auto wrong = co_await transfer(std::move(ask), std::move(stream), std::move(told));
  if (!wrong) co_return std::move(wrong).error();
  if (wrong->empty()) co_return Result<void>();
  auto error = transfer_failed("SH1435", fmt::format("cannot pull {}", name), *wrong, *reference);
  co_return error;
}

Task<Result<void>> Images::look_up(std::string name) {
  auto reference = parse_reference(name);
  if (!reference) co_return std::move(reference).error();
  auto headers = co_await login(*reference);
  if (!headers) co_return std::move(headers).error();
  Ask ask("GET", "/distribution/" + at_image(full_name(*reference), "/json").substr(8));
  ask.headers = std::move(*headers);
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (answer->good()) co_return Result<void>();
  auto error = transfer_failed("SH1435", fmt::format("the image {} is neither here nor in its registry", name),
                               answer->complaint, *reference);
  co_return error;
}

Task<Result<std::string>> Images::build(Build build, Told told) {
  if (auto reference = name_in(build.image); !reference) co_return std::move(reference).error();
  // Several may be built at once.
  static std::atomic<unsigned> number = 0;
  const Scratch tar(build.scratch / fmt::format("{}{}.{}", tar_name, ::getpid(), ++number));
  loop::Pool pool;
  auto pack = [context = build.context, file = build.file, to = tar.file] {
    remove_leftovers(to.parent_path());
    return write_context(context, file, to);
  };
  auto packed = co_await pool.run(std::move(pack));
  if (!packed) co_return std::move(packed).error();
  auto outcome = co_await send_build(std::move(build), std::move(*packed), std::move(told));
  co_return outcome;
}

Task<Result<std::string>> Images::send_build(Build build, ContextFile packed, Told told) {
  Ask ask("POST", "/build");
  ask.query = {{"t", build.image},
               {"dockerfile", packed.dockerfile},
               {"buildargs", to_text(pairs_of(build.args))},
               {"labels", to_text(pairs_of(build.labels))},
               {"target", build.target},
               {"rm", "1"},
               {"forcerm", "1"}};
  if (build.pull) ask.query.emplace_back("pull", "1");
  const auto bases = base_images(packed.recipe, pairs_of(build.args));
  auto headers = co_await logins(bases, build.pull);
  if (!headers) co_return std::move(headers).error();
  ask.headers = std::move(*headers);
  ask.body_file = packed.file.string();
  ask.silence = longest_step;
  auto stream = std::make_shared<Stream>("building " + build.image);
  auto wrong = co_await transfer(std::move(ask), stream, std::move(told));
  if (!wrong) co_return std::move(wrong).error();
  if (!wrong->empty()) {
    auto error = build_failed(build.image, *wrong, *stream, bases);
    co_return error;
  }
  std::string id = stream->progress.image();
  co_return id;
}

Task<Result<std::string>> Images::push(std::string name, Told told) {
  auto reference = name_in(name);
  if (!reference) co_return std::move(reference).error();
  auto headers = co_await login(*reference);
  if (!headers) co_return std::move(headers).error();
  Ask ask("POST", at_image(repository(*reference), "/push"));
  ask.query = {{"tag", reference->tag}};
  ask.headers = std::move(*headers);
  ask.silence = longest_silence;
  auto stream = std::make_shared<Stream>("pushing " + name);
  auto wrong = co_await transfer(std::move(ask), stream, std::move(told));
  if (!wrong) co_return std::move(wrong).error();
  if (wrong->empty()) {
    auto digest = stream->progress.digest();
    co_return digest;
  }
  auto error = transfer_failed("SH1437", fmt::format("cannot push {}", name), *wrong, *reference);
  co_return error;
}

Task<Result<void>> Images::tag(std::string from, std::string to) {
  auto reference = name_in(to);
  if (!reference) co_return std::move(reference).error();
  Ask ask("POST", at_image(from, "/tag"));
  // Without the default registry, which some engines would write out.
  const auto short_name = familiar(*reference);
  ask.query = {{"repo", short_name.substr(0, short_name.rfind(':'))}, {"tag", reference->tag}};
  auto answer = co_await daemon_.ask(std::move(ask));
  if (!answer) co_return std::move(answer).error();
  if (answer->good()) co_return Result<void>();
  auto error =
      refusal("SH1438", fmt::format("cannot name the image {} {}", from, to), *answer, "pull or build it first");
  co_return error;
}

Task<Result<bool>> Images::remove(std::string name) {
  auto answer = co_await daemon_.ask(Ask("DELETE", at_image(name, "")));
  if (!answer) co_return std::move(answer).error();
  if (answer->good() || answer->status == 404) co_return true;
  if (answer->status == 409) co_return false;
  auto error = refusal("SH1434", "cannot remove the image " + name, *answer, "look at the engine's log");
  co_return error;
}

}  // namespace shunt::adapters::docker
