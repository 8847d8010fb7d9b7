-- A first strategy: the same as the bundled blue_green, with half of the traffic for a minute on the way.
--
-- `run` is called with the deployment and the options. Every call below waits until it is done, and raises an error when it
-- cannot be: then the deployment ends, and whatever it had changed is undone, traffic first.

---@type shunt.strategy
return {
  api = 1,
  summary = "Half of the traffic first, all of it when a soak has shown nothing.",
  options = {
    soak = { type = "duration", default = "1m", doc = "how long the gates are watched at each step" },
  },
  run = function(deploy, options)
    local new = deploy:launch() -- the idle colour, beside the one that serves
    new:await_healthy() -- a colour gets traffic only when it was seen ready ...
    new:smoke_test() -- ... and its smoke tests have passed
    for _, percent in ipairs { 50, 100 } do
      deploy:shift(percent)
      deploy:soak(options.soak)
    end
    deploy:retire_old()
  end,
}
