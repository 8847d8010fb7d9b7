return {
  api = 1,
  summary = "Registers an undo that cannot work.",
  run = function(deploy)
    local page -- luacheck: ignore 221
    deploy:on_rollback("turn the page off", function()
      exec.run { "maintenance-page", "off", page.name }
    end)
    exec.run { "maintenance-page", "on" }
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    deploy:soak("5s")
    deploy:retire_old()
  end,
}
