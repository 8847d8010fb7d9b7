return {
  api = 1,
  summary = "Goes on when a gate has failed.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(10)
    pcall(function()
      deploy:soak("5s")
    end)
    deploy:shift(100)
    deploy:soak("5s")
    deploy:retire_old()
  end,
}
