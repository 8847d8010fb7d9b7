-- Two services that belong together, and one that must never run twice.

-- What both services have in common.
local function served(backend, ports, url)
  return {
    runtime = {
      type = "process",
      command = { "shop", "--port", "{port}", "--version", "{version}", "--color", "{color}" },
      ports = ports,
    },
    health = { path = "/health/ready", timeout = "10s", interval = "200ms" },
    proxy = {
      type = "haproxy",
      socket = "admin.sock",
      backend = backend,
      servers = { blue = "blue", green = "green" },
    },
    verify = { url = url, header = "X-Version", equals = "{version}" },
    drain = "5s",
  }
end

local api = served("api", { blue = 4000, green = 4001 }, "http://127.0.0.1:8081/")
local web = served("web", { blue = 3000, green = 3001 }, "http://127.0.0.1:8080/")
web.after = { "api" }

return {
  app = "shop",
  options = { soak = "1s" },
  services = {
    api = api,
    web = web,
    scheduler = {
      singleton = true,
      runtime = { type = "process", command = { "flock", "--nonblock", "scheduler.lock", "sleep", "1000000" } },
      stop = { grace = "2s" },
    },
  },
}
