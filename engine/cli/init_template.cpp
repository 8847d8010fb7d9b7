#include "cli/init_template.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cctype>

#include "cli/keys.hpp"

namespace shunt::cli {

namespace {

constexpr std::size_t longest_name = 40;

constexpr std::string_view process_runtime =
    R"(      -- Each color has a port of its own; both run side by side while traffic moves.
      runtime = {
        type = "process",
        command = { "./server", "--port", "{port}" },
        cwd = "releases/{version}",
        ports = { blue = 3000, green = 3001 },
@runtime process command cwd ports@
      },

      -- Traffic comes only once every instance has answered this.
)";

constexpr std::string_view docker_runtime =
    R"(      -- A container for each color, on a port of its own; both run side by side while traffic moves.
      runtime = {
        type = "docker",
        -- With the version in it, so that each release has an image of its own, here and in the registry.
        image = "@APP@:{version}",
        -- Where the program listens inside the container, and where this machine does for it.
        port = 8080,
        publish = { blue = 3000, green = 3001 },
        env = { VERSION = "{version}" },
        -- Builds the image here in place of fetching it.
        -- build = { context = ".", file = "Dockerfile", args = { VERSION = "{version}" } },
        -- volumes = { "uploads:/srv/uploads", "./config:/etc/@APP@:ro" },
@runtime docker image port publish env build volumes@
      },

      -- Traffic comes only once every instance has answered this. docker = true in place of path: the image's own
      -- HEALTHCHECK.
)";

constexpr std::string_view compose_runtime =
    R"(      -- The service `web` of your Compose files, as a project for each color; both run side by side while traffic moves.
      runtime = {
        type = "compose",
        files = { "@COMPOSE@" },
        -- What differs between the colors, above all the port: ports: [ "127.0.0.1:3000:8080" ] in the one, 3001 in the
        -- other, and none in the file of both.
        overlay = { blue = { "compose.blue.yml" }, green = { "compose.green.yml" } },
        -- Where the program listens inside the container.
        port = 8080,
        -- For image: "@APP@:${TAG}". SHUNT_VERSION and SHUNT_COLOR are always there.
        env = { TAG = "{version}" },
@runtime compose files overlay port env@
      },

      -- Traffic comes only once every instance has answered this. docker = true in place of path: the container's own
      -- health check.
)";

constexpr std::string_view text =
    R"(-- How @APP@ is deployed. `shunt check` reads this file without any effect, `shunt plan VERSION` prints every step.
-- In strings exactly {app} {service} {color} {version} {port} {address} are replaced. Durations: "250ms", "3s", "10m", "1h".
-- Beside plain Lua there are env "NAME", secret "file:PATH" and include "other.lua".

return {
  app = "@APP@",

  -- A bundled strategy (`shunt strategies`), or a path to a .lua file of your own.
  strategy = "gradual",
  options = { steps = { 10, 25, 50, 75, 100 }, soak = "5m" },

  -- The whole deployment; waiting for approval does not count.
  timeout = "1h",

  -- Commands that must end with 0 before anything starts.
  -- checks = { { name = "unit tests", command = { "npm", "test" }, timeout = "10m" } },

  services = {
    web = {
@PLATFORM@
      health = { path = "/health/ready", timeout = "180s", interval = "3s" },

      -- What must work before the new version gets traffic; asked of its instances directly.
      smoke = { { path = "/", status = 200 } },

      -- haproxy.cfg:  stats socket /run/haproxy/admin.sock mode 660 level admin
      --               backend @APP@
      --                 server blue 127.0.0.1:3000 check
      --                 server green 127.0.0.1:3001 check weight 0
      proxy = {
        type = "haproxy",
        socket = "/run/haproxy/admin.sock",
        backend = "@APP@",
        servers = { blue = "blue", green = "green" },
@proxy haproxy socket backend servers@
      },

      -- Sees through the proxy who really answers: the service names its version in a response header.
      -- verify = { url = "http://127.0.0.1/", header = "X-Version", equals = "{version}" },

      -- How long requests in flight may take once the traffic has gone, and how an instance is ended.
      drain = "30s",
      stop = { signal = "TERM", grace = "10s" },
    },
  },

  metrics = {
    type = "prometheus",
    url = "http://127.0.0.1:9090",
@metrics prometheus url@
  },

  -- Watched while the strategy soaks; {color} is the new one. A breach rolls back by itself.
  gates = {
    {
      name = "error rate",
      query = [[sum(rate(http_errors_total{color="{color}"}[1m])) / sum(rate(http_requests_total{color="{color}"}[1m]))]],
      max = 0.01,
      interval = "5s",
      failures = 2,
    },
  },

  -- What `shunt rollback` does: "immediate", or "swap" to keep the other color running until `shunt cleanup`.
  rollback = { mode = "immediate" },
}
)";

// "@runtime process command cwd@": the adapter's keys but for those that the template shows itself.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : line.substr(1, line.size() - 2) + " ") {
    if (c != ' ') {
      word += c;
    } else {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

std::string other_keys(const std::string& line, const Registry& registry) {
  const auto words = words_of(line);
  std::string keys;
  for (const auto& info : registry.all()) {
    if (info.kind != words.at(0) || info.name != words.at(1)) continue;
    for (const auto& key : info.schema.keys) {
      if (std::find(words.begin() + 2, words.end(), key.name) != words.end() || !key.later.empty()) continue;
      const auto fallback = default_text(key);
      keys += fmt::format("{}-- {}: {}{}\n", info.kind == "metrics" ? "    " : "        ", key.name, key.doc,
                          fallback.empty() ? "" : " (" + fallback + ")");
    }
  }
  return keys;
}

std::string replaced(std::string line, std::string_view mark, std::string_view by) {
  for (auto at = line.find(mark); at != std::string::npos; at = line.find(mark, at + by.size()))
    line.replace(at, mark.size(), by);
  return line;
}

std::string_view runtime_of(Platform platform) {
  if (platform == Platform::docker) return docker_runtime;
  return platform == Platform::compose ? compose_runtime : process_runtime;
}

}  // namespace

std::string app_name_for(const std::string& folder) {
  std::string name;
  for (const char c : folder) {
    const auto lower = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const bool letter = lower >= 'a' && lower <= 'z';
    const bool digit = lower >= '0' && lower <= '9';
    if (name.empty() && !letter) continue;
    if (letter || digit) {
      name += lower;
    } else if (name.back() != '-') {
      name += '-';
    }
  }
  name.resize(std::min(name.size(), longest_name));
  while (!name.empty() && name.back() == '-') name.pop_back();
  return name.empty() ? "app" : name;
}

std::string app_file_template(const std::string& app, const Registry& registry, Platform platform,
                              const std::string& compose_file) {
  const auto whole = replaced(std::string(text), "@PLATFORM@\n", runtime_of(platform));
  std::string file;
  for (std::string_view rest = whole; !rest.empty();) {
    const auto end = rest.find('\n');
    const std::string line(rest.substr(0, end));
    const bool is_list = line.starts_with('@');
    file +=
        is_list ? other_keys(line, registry) : replaced(replaced(line, "@APP@", app), "@COMPOSE@", compose_file) + "\n";
    rest.remove_prefix(end + 1);
  }
  return file;
}

}  // namespace shunt::cli
