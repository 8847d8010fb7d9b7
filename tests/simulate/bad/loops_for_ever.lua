return {
  api = 1,
  summary = "Waits for something that never comes.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(50)
    while deploy:traffic().green < 90 do
      clock.sleep("1s")
    end
    deploy:shift(100)
    deploy:retire_old()
  end,
}
