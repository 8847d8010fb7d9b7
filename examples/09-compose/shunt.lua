-- Five services of one app, each a service of the Compose files, behind one Caddy. They are started, proven and switched as one.

local ports = { platform = 8081, rag = 8082, crawler = 8083, search = 8084, ["graph-db"] = 8085 }

local function service(name)
  return {
    runtime = {
      type = "compose",
      files = { "compose.yml" },
      overlay = { blue = { "compose.blue.yml" }, green = { "compose.green.yml" } },
      env = { TAG = "{version}" },
      port = 80,
    },
    health = { path = "/health/ready", timeout = "180s", interval = "3s" },
    smoke = { { path = "/", status = 200, contains = "Shop {version}" } },
    proxy = {
      type = "caddy",
      switch = "file",
      admin = "http://localhost:2019",
      folder = "/var/lib/shunt-caddy",
      reload = { "caddy", "reload", "--config", "Caddyfile", "--force" },
    },
    verify = { url = "http://127.0.0.1:" .. ports[name] .. "/", header = "X-Version", equals = "{version}" },
    drain = "30s",
    stop = { grace = "10s" },
  }
end

local services = {}
for name in pairs(ports) do
  services[name] = service(name)
end

return {
  app = "tale",
  strategy = "blue_green",
  options = { soak = "5s" },
  services = services,
}
