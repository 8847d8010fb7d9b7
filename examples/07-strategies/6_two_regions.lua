-- Two regions, one after the other: the second begins when the first has been well for a while.
--
-- Each service has a proxy of its own. `shift`, `soak` and `traffic` take { service = ... } to act on one; at the end all must
-- be on the new version, or the deployment goes back in all of them.

---@type shunt.strategy
return {
  api = 1,
  summary = "One region after the other, each watched before the next.",
  options = {
    pause = { type = "duration", default = "10m", doc = "how long a region is watched before the next begins" },
  },
  run = function(deploy, options)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    for _, region in ipairs(deploy.services) do
      deploy:phase(region, function()
        deploy:shift(10, { service = region })
        deploy:soak("1m", { service = region })
        deploy:shift(100, { service = region })
        deploy:soak(options.pause, { service = region })
      end)
    end
    deploy:retire_old()
  end,
}
