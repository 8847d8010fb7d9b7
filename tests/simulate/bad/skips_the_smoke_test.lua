return {
  api = 1,
  summary = "Gives traffic to a version that no smoke test has asked.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    deploy:shift(100)
    deploy:retire_old()
  end,
}
