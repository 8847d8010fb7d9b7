-- One service behind nginx, switched without a reload.

return {
  app = "shop",
  strategy = "blue_green",
  options = { soak = "1s" },

  services = {
    web = {
      runtime = {
        type = "process",
        command = { "shop", "--port", "{port}", "--version", "{version}", "--color", "{color}" },
        ports = { blue = 3000, green = 3001 },
      },
      health = { path = "/health/ready", timeout = "10s", interval = "200ms" },
      smoke = { { path = "/", status = 200, contains = "Shop {version}" } },
      proxy = {
        type = "nginx",
        upstream = "shop",
        file = "/etc/nginx/shunt-shop.conf",
        switch = "link",
        link = "/srv/shares/shop/live",
      },
      verify = { url = "http://127.0.0.1:8080/", header = "X-Version", equals = "{version}" },
      drain = "5s",
    },
  },
}
