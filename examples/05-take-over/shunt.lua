-- The shop as shunt runs it. Blue is where it runs already.

return {
  app = "shop",
  options = { soak = "1s" },
  services = {
    web = {
      runtime = {
        type = "process",
        command = { "shop", "--port", "{port}", "--version", "{version}", "--color", "{color}" },
        ports = { blue = 3000, green = 3001 },
      },
      health = { path = "/health/ready", timeout = "10s", interval = "200ms" },
      proxy = {
        type = "haproxy",
        socket = "admin.sock",
        backend = "shop",
        servers = { blue = "blue", green = "green" },
      },
      verify = { url = "http://127.0.0.1:8080/", header = "X-Version", equals = "{version}" },
      drain = "5s",
    },
  },
}
