#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "cli/init_template.hpp"
#include "cli/session.hpp"
#include "cli/verbs.hpp"

namespace shunt::cli {

namespace {

struct Arguments {
  bool process = false;
  bool docker = false;
  bool compose = false;
  bool kubernetes = false;
  bool ecs = false;

  std::string later() const { return kubernetes ? "kubernetes" : ecs ? "ecs" : ""; }
  Platform platform() const {
    if (docker) return Platform::docker;
    return compose ? Platform::compose : Platform::process;
  }
};

Error not_written(const std::filesystem::path& file, int reason) {
  if (reason == EEXIST)
    return {"SH1954", Kind::config, fmt::format("{} is there already, and stays as it is", file.string()),
            "edit it, or name another file with -f"};
  return {"SH1955", Kind::config,
          fmt::format("{} cannot be written: {}", file.string(), std::generic_category().message(reason)),
          "name a file in a folder that you may write to, with -f"};
}

// Never replaces anything, not even what appears at this very moment.
std::optional<Error> write_new(const std::filesystem::path& file, const std::string& text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return not_written(file, errno);
  std::size_t written = 0;
  while (written < text.size()) {
    const auto count = ::write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int reason = errno;
      ::close(descriptor);
      ::unlink(file.c_str());
      return not_written(file, reason);
    }
    written += static_cast<std::size_t>(count);
  }
  ::close(descriptor);
  return std::nullopt;
}

// The names that Compose looks for, in its order (https://docs.docker.com/compose/intro/compose-application-model/).
std::string compose_file_in(const std::filesystem::path& folder) {
  for (const char* name : {"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"}) {
    std::error_code none;
    if (std::filesystem::is_regular_file(folder / name, none)) return name;
  }
  return "compose.yml";
}

int init(Session& session, const Arguments& arguments) {
  if (const auto later = arguments.later(); !later.empty())
    return session.fail(Error("SH1004", Kind::config, fmt::format("app files for {} are not available yet", later),
                              "write one for processes with `shunt init --process`"));
  const auto& named = session.options().file;
  const auto file = std::filesystem::absolute(named.empty() ? "shunt.lua" : named).lexically_normal();
  const auto folder = file.parent_path();
  const auto text = app_file_template(app_name_for(folder.filename().string()), session.parts().registry,
                                      arguments.platform(), compose_file_in(folder));
  if (auto error = write_new(file, text)) return session.fail(*error);
  return session.end(Ending(
      0,
      fmt::format("wrote {}\nnext: edit it, then `shunt check`, `shunt plan v1`, `shunt deploy v1`", file.string())));
}

}  // namespace

Action declare_init(CLI::App& command) {
  auto arguments = std::make_shared<Arguments>();
  auto* platform = command.add_option_group("platform", "what runs the instances");
  platform->add_flag("--process", arguments->process, "plain processes (the default)");
  platform->add_flag("--docker", arguments->docker, "containers of a Docker Engine, or of Podman");
  platform->add_flag("--compose", arguments->compose, "services of your own Compose files");
  platform->add_flag("--kubernetes", arguments->kubernetes, "not available yet");
  platform->add_flag("--ecs", arguments->ecs, "not available yet");
  platform->require_option(0, 1);
  return [arguments](Session& session) { return init(session, *arguments); };
}

}  // namespace shunt::cli
