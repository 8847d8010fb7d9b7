#include "adapters/runtime/compose/compose_runtime.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <fstream>

#include "adapters/runtime/compose/schema.hpp"

namespace shunt::adapters {

namespace {

using namespace docker;
using namespace compose;

constexpr Milliseconds question{60'000};  ///< a command that only reads files
constexpr Milliseconds bringing_up{180'000};
constexpr Milliseconds building{1'800'000};

constexpr const char* label_of_project = "com.docker.compose.project";

/// The last lines of what a command printed, without the marks of its progress.
std::string last_words(const process::Finished& finished) {
  auto text = finished.err.empty() ? finished.out : finished.err;
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  constexpr std::size_t enough = 600;
  return text.size() <= enough ? text : "..." + text.substr(text.size() - enough);
}

Error no_command() {
  return {"SH1441", Kind::config, "there is neither `docker compose` nor `docker-compose`",
          "install Compose (the package docker-compose-plugin, or docker-compose)"};
}

Error files_refused(const InstanceSpec& spec, const std::string& words) {
  return {"SH1440", Kind::config, fmt::format("Compose cannot read the files of {}: {}", spec.labels.service, words),
          "look at them with `docker compose config`, with the same --file options"};
}

Error no_service(const Project& project, const Described& described) {
  return {"SH1440", Kind::config,
          fmt::format("the Compose files ({}) have no service '{}'", fmt::join(project.files, ", "), project.service),
          fmt::format("name one of them as `service`: {}", fmt::join(described.services, ", "))};
}

Error not_brought_up(const InstanceSpec& spec, const std::string& words) {
  const auto has = [&](const char* text) { return words.find(text) != std::string::npos; };
  std::string remedy = "start it by hand with the same files to see more: `docker compose up`";
  if (has("is already in use by container") || has("the container name \""))
    remedy = "give it no container_name, or one for each color in the overlays";
  else if (has("already allocated") || has("address already in use"))
    remedy = "end what listens at that port, or publish another one for each color in the overlays";
  else if (has("No such image") || has("pull access denied") || has("manifest unknown"))
    remedy = "build or push the image first, or correct its name in the Compose files";
  return {"SH1401", Kind::adapter, fmt::format("cannot start {}: {}", spec.id, words),
          remedy_for(words, std::move(remedy))};
}

Error somebody_elses(const InstanceSpec& spec, const Project& project, const Container& container) {
  return Error("SH1402", Kind::adapter,
               fmt::format("cannot start {}: the container {} of the Compose project {} was not started by shunt",
                           spec.id, container.name, project.name),
               "remove it (`docker rm`), or give the runtime table another `project`")
      .with({{"container", container.id}});
}

/// What is only built is called by project and service.
std::string usual_image(Dialect dialect, const Project& project) {
  return fmt::format("{}{}{}", project.name, dialect == Dialect::v2 ? '-' : '_', project.service);
}

}  // namespace

Adapter<Runtime> compose_runtime() {
  auto adapter = container_adapter("compose", [](Context& context, Host host, int keep) {
    return std::make_unique<ComposeRuntime>(context, std::move(host), keep);
  });
  adapter.info.summary = "Services of your own Compose files, in one project per color";
  adapter.info.schema = compose_schema();
  return adapter;
}

ComposeRuntime::ComposeRuntime(Context& context, Host host, int keep)
    : ContainerRuntime(context, std::move(host), "compose", keep) {}

Task<Result<Dialect>> ComposeRuntime::dialect() {
  if (dialect_) co_return *dialect_;
  for (const auto one : {Dialect::v2, Dialect::v1}) {
    process::Command command({"docker-compose", "version"});
    if (one == Dialect::v2) command.argv = {"docker", "compose", "version"};
    command.observes = true;
    command.timeout = question;
    auto finished = co_await context_.processes.run(std::move(command));
    if (!finished || finished->code != 0) continue;
    dialect_ = one;
    co_return one;
  }
  auto error = no_command();
  co_return error;
}

/// `files` come after those of the spec. Any end of the command is success.
Task<Result<process::Finished>> ComposeRuntime::run(InstanceSpec spec, std::vector<std::string> files,
                                                    std::vector<std::string> words, Milliseconds timeout) {
  auto spoken = co_await dialect();
  if (!spoken) co_return std::move(spoken).error();
  Value environment = spec.config.value("env", Value::object());
  auto revealed = co_await context_.secrets.reveal(std::move(environment));
  if (!revealed) co_return std::move(revealed).error();
  const auto project = project_of(spec);
  process::Command command(command_of(*spoken, project, files));
  command.argv.insert(command.argv.end(), words.begin(), words.end());
  command.cwd = project.folder;
  command.env = variables_of(spec, *revealed);
  const auto& host = daemon_.host();
  if (spec.config.contains("host"))
    command.env["DOCKER_HOST"] = host.unix_socket.empty() ? "tcp://" + host.name : "unix://" + host.unix_socket;
  command.env["COMPOSE_ANSI"] = "never";
  command.timeout = timeout;
  command.observes = words.front() == "config";
  auto finished = co_await context_.processes.run(std::move(command));
  co_return finished;
}

Task<Result<Described>> ComposeRuntime::describe_service(InstanceSpec spec) {
  std::vector<std::string> none;
  std::vector<std::string> words = {"config"};
  auto finished = co_await run(spec, std::move(none), std::move(words), question);
  if (!finished) co_return std::move(finished).error();
  if (finished->code != 0) {
    auto error = files_refused(spec, last_words(*finished));
    co_return error;
  }
  const auto project = project_of(spec);
  auto described = described_in(finished->out, project.service);
  if (!described) {
    auto error = files_refused(spec, "its own description of them is none");
    co_return error;
  }
  if (!described->has_service) {
    auto error = no_service(project, *described);
    co_return error;
  }
  auto result = std::move(*described);
  co_return result;
}

Task<Result<Value>> ComposeRuntime::prepare(InstanceSpec spec, Told told) {
  auto described = co_await describe_service(spec);
  if (!described) co_return std::move(described).error();
  Source source;
  source.image = described->image.empty() ? usual_image(*dialect_, project_of(spec)) : described->image;
  source.pull = spec.config.value("pull", "missing");
  auto held_already = co_await stock_.holds(spec);
  if (!held_already) co_return std::move(held_already).error();
  if (described->builds && !*held_already) {
    if (told) told("building " + source.image);
    std::vector<std::string> none;
    std::vector<std::string> words = {"build", project_of(spec).service};
    auto finished = co_await run(spec, std::move(none), std::move(words), building);
    if (!finished) co_return std::move(finished).error();
    if (finished->code != 0) {
      Error error("SH1436", Kind::adapter, fmt::format("cannot build {}: {}", source.image, last_words(*finished)),
                  "build it by hand to see all of its output: `docker compose build`");
      co_return error;
    }
    source.is_built = true;
  }
  auto provided = co_await stock_.provide(std::move(spec), std::move(source), std::move(told));
  co_return provided;
}

Task<Result<void>> ComposeRuntime::examine(InstanceSpec spec) {
  for (const auto& file : project_of(spec).files) {
    struct stat about = {};
    if (::stat(file.c_str(), &about) == 0) continue;
    Error gone("SH1409", Kind::config, fmt::format("{} cannot be started: {} is gone", spec.id, file),
               "put it back, or deploy a version that is there");
    co_return gone;
  }
  co_return Result<void>();
}

/// The container of that service in that project, if there is one; SH1402 when it is not shunt's.
Task<Result<std::optional<Container>>> ComposeRuntime::in_place_of(InstanceSpec spec) {
  const auto project = project_of(spec);
  std::vector<std::string> labels = {fmt::format("{}={}", label_of_project, project.name),
                                     "com.docker.compose.service=" + project.service};
  auto all = co_await containers_.with(std::move(labels));
  if (!all) co_return std::move(all).error();
  std::optional<Container> found;
  for (auto& one : *all) {
    if (!one.is_ours) {
      auto error = somebody_elses(spec, project, one);
      co_return error;
    }
    if (!found || one.lives) found = std::move(one);
  }
  co_return found;
}

/// The image that has to stand in place of the files' own, whose name means another one by now; "" where it does not.
Task<Result<std::string>> ComposeRuntime::image_in_place(InstanceSpec spec) {
  const auto kept = read_kept(folder_ / "images", spec.labels.service, spec.release);
  if (!kept) co_return std::string();
  auto name = co_await stock_.name_for(spec, kept->image);
  if (!name) co_return std::move(name).error();
  if (*name == kept->image) name->clear();
  co_return name;
}

/// Labels and image in a file of their own, which comes last; its path.
Task<Result<std::string>> ComposeRuntime::write_override(InstanceSpec spec) {
  const auto project = project_of(spec);
  auto image = co_await image_in_place(spec);
  if (!image) co_return std::move(image).error();
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  ::chmod(folder_.c_str(), 0700);
  const auto file = (folder_ / fmt::format("{}.{}.json", project.name, escaped(project.service))).string();
  std::ofstream stream(file, std::ios::trunc);
  stream << override_of(spec, *image, version_in(project.files.front())) << '\n';
  stream.close();
  if (stream) co_return file;
  Error error("SH1404", Kind::adapter, "cannot write " + file, "make it writable for the user that runs shunt");
  co_return error;
}

Task<Result<InstanceState>> ComposeRuntime::bring_up(InstanceSpec spec) {
  auto file = co_await write_override(spec);
  if (!file) co_return std::move(file).error();
  std::vector<std::string> files = {*file};
  std::vector<std::string> words = {"up", "--detach", "--no-deps", "--no-build", project_of(spec).service};
  auto finished = co_await run(spec, std::move(files), std::move(words), bringing_up);
  if (!finished) co_return std::move(finished).error();
  auto found = co_await in_place_of(spec);
  if (!found) co_return std::move(found).error();
  if (finished->code == 0 && *found) {
    auto state = co_await describe(std::move(**found));
    co_return state;
  }
  if (*found) co_await containers_.remove(spec.id, (*found)->id);
  auto error = not_brought_up(spec, last_words(*finished));
  co_return error;
}

Task<Result<InstanceState>> ComposeRuntime::ensure(InstanceSpec spec) {
  auto free = co_await check_adopted(spec.id);
  if (!free) co_return std::move(free).error();
  auto found = co_await in_place_of(spec);
  if (!found) co_return std::move(found).error();
  const auto container = std::move(*found);
  if (container && container->lives && !is_of(*container, spec)) {
    auto error = held(*container, spec);
    co_return error;
  }
  if (container && container->lives) {
    auto state = co_await describe(*container);
    co_return state;
  }
  if (container) {
    auto removed = co_await containers_.remove(spec.id, container->id);
    if (!removed) co_return std::move(removed).error();
  }
  auto state = co_await bring_up(std::move(spec));
  co_return state;
}

Task<Result<void>> ComposeRuntime::stop(std::string id, Milliseconds grace) {
  auto found = co_await container_of(id);
  if (!found) co_return std::move(found).error();
  std::string project = *found ? (*found)->project : "";
  auto stopped = co_await ContainerRuntime::stop(std::move(id), grace);
  if (stopped && !project.empty()) co_await remove_networks(std::move(project));
  co_return stopped;
}

/// Best effort: a network that is left is used again by the next start.
Task<void> ComposeRuntime::remove_networks(std::string project) {
  const auto label = fmt::format("{}={}", label_of_project, project);
  std::vector<std::string> labels = {label};
  auto left = co_await containers_.with(std::move(labels));
  if (!left || !left->empty()) co_return;
  Ask ask("GET", "/networks");
  ask.query = {{"filters", to_text(Value{{"label", {label}}})}};
  auto networks = co_await daemon_.ask(std::move(ask));
  if (!networks || !networks->json.is_array()) co_return;
  for (const auto& network : networks->json)
    co_await daemon_.ask(Ask("DELETE", "/networks/" + escaped(network.value("Id", ""))));
}

}  // namespace shunt::adapters
