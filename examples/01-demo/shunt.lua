-- How the shop of the demo is deployed: two colours behind HAProxy, and a gate that asks Prometheus.

-- Per second, over the last two; {color} becomes the new one.
local errors = [[sum(rate(http_errors_total{color="{color}"}[2s]))]]
local requests = [[sum(rate(http_requests_total{color="{color}"}[2s]))]]

return {
  app = "shop",
  strategy = "gradual",
  options = { steps = { 10, 25, 50, 75, 100 }, soak = "4s" },

  services = {
    web = {
      -- The new version runs beside the old one, on a port of its own.
      runtime = {
        type = "process",
        command = { "./serve", "--port", "{port}", "--version", "{version}", "--color", "{color}" },
        cwd = "releases/{version}",
        ports = { blue = 3000, green = 3001 },
      },

      -- It gets no traffic before it has answered both.
      health = { path = "/health/ready", timeout = "10s", interval = "200ms" },
      smoke = { { path = "/", status = 200, contains = "Shop {version}" } },

      -- Each shift of traffic is confirmed by HAProxy and seen from outside: the shop tells its version in a header.
      proxy = {
        type = "haproxy",
        socket = "admin.sock",
        backend = "shop",
        servers = { blue = "blue", green = "green" },
      },
      verify = { url = "http://127.0.0.1:8080/", header = "X-Version", equals = "{version}" },

      -- The old version answers what it has been asked before it is stopped.
      drain = "5s",
    },
  },

  metrics = { type = "prometheus", url = "http://127.0.0.1:9090" },

  -- At every step: more than 2 % errors, twice in a row, and the traffic goes back.
  gates = {
    {
      name = "error rate",
      query = errors .. " / " .. requests,
      max = 0.02,
      interval = "500ms",
      failures = 2,
    },
  },
}
