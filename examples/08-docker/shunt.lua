-- One service in Docker behind HAProxy; the image is built by the deployment.

return {
  app = "shop",
  strategy = "blue_green",
  options = { soak = "1s" },

  services = {
    web = {
      runtime = {
        type = "docker",
        image = "shop:{version}",
        build = { context = "image" },
        command = { "--version", "{version}", "--color", "{color}" },
        port = 8080,
        publish = { blue = 3000, green = 3001 },
        memory = "64m",
      },
      health = { path = "/health/ready", timeout = "30s", interval = "200ms" },
      smoke = { { path = "/", status = 200, contains = "Shop {version}" } },
      proxy = {
        type = "haproxy",
        socket = "admin.sock",
        backend = "shop",
        servers = { blue = "blue", green = "green" },
      },
      verify = { url = "http://127.0.0.1:8080/", header = "X-Version", equals = "{version}" },
      drain = "5s",
      stop = { grace = "5s" },
    },
  },
}
