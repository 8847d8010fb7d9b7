-- A shop in two regions, each behind a proxy of its own. The strategies of this folder deploy it; its tests need no server.
local function region(name, blue, green)
  return {
    runtime = {
      type = "process",
      command = { "./releases/{version}/serve" },
      env = { PORT = "{port}", REGION = name },
      ports = { blue = blue, green = green },
    },
    health = { path = "/health" },
    smoke = { { name = "the start page", path = "/" } },
    proxy = {
      type = "haproxy",
      socket = "/run/haproxy/" .. name .. ".sock",
      backend = "shop",
      servers = { blue = "blue", green = "green" },
    },
  }
end

return {
  app = "shop",
  metrics = { type = "prometheus", url = "http://127.0.0.1:9090" },
  gates = { { name = "error rate", query = 'errors{app="{app}"}', max = 0.01 } },
  services = { eu = region("eu", 3000, 3001), us = region("us", 3100, 3101) },
}
