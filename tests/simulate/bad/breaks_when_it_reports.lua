return {
  api = 1,
  summary = "Has a mistake where nobody looks: in what it does about a failure.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    local fine, problem = pcall(function()
      deploy:soak("5s")
    end)
    if not fine then
      log.warn("the soak failed: " .. problem.evidence.samples.count)
      error(problem)
    end
    deploy:retire_old()
  end,
}
