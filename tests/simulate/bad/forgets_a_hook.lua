return {
  api = 1,
  summary = "Turns something on that no rollback turns off.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    exec.run { "maintenance-page", "on" }
    deploy:shift(100)
    deploy:soak("5s")
    deploy:retire_old()
  end,
}
