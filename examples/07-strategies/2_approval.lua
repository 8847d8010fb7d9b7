-- A person has the last word: a tenth of the traffic, then a question that `shunt approve` or `shunt reject` answers.
--
-- While it waits the deployment's own timeout stands still. Rejected, or unanswered until the time is over, it rolls back;
-- no pcall can catch that.

---@type shunt.strategy
return {
  api = 1,
  summary = "A tenth of the traffic, then a person decides.",
  options = {
    patience = { type = "duration", default = "4h", doc = "how long the question stays open" },
  },
  run = function(deploy, options)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(10)
    deploy:soak("5m")
    deploy:notify(deploy.version .. " has a tenth of the traffic and waits for an answer")
    deploy:confirm("Does " .. deploy.version .. " look right?", { timeout = options.patience })
    deploy:shift(100)
    deploy:soak("5m")
    deploy:retire_old { hold = "1h" } -- one more hour in which a rollback takes a second
  end,
}
