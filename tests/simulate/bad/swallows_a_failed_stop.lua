return {
  api = 1,
  summary = "Calls it a success whether or not the old version could be stopped.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    deploy:soak("5s")
    pcall(function()
      deploy:retire_old()
    end)
  end,
}
