local world

before_each(function()
  world = sim.world { version = "v2" }
end)

local function deploy(strategy)
  local options = { soak = "1s" }
  if strategy == "gradual" then
    options.steps = { 10, 50, 100 }
  end
  local outcome = world:deploy(strategy, options)
  expect(outcome.violations):equals {}
  return outcome
end

test("a resume does not want shares back that a rollback has undone", function()
  world:restart_proxy { at = "1.2s" }
  world:abort { at = "1.8s" }
  world:crash { cut = "after commit", step = 4 }
  expect(deploy("blue_green").state):equals("rolled_back")
end)

test("shares that somebody edits while a rollback drains are told to an operator", function()
  world:crash_loop { life = "2s" }
  world:kill { at = "1.8s" }
  world:set_weights { at = "3s", new = 30, old = 0 }
  local outcome = deploy("gradual")
  expect(outcome.state):equals("needs_operator")
  expect(outcome.error.code):equals("SH1913")
end)

test("so are those that were edited before the deployment had touched any", function()
  world:sicken {}
  world:set_weights { at = "2s", new = 80, old = 0 }
  local outcome = deploy("blue_green")
  expect(outcome.state):equals("needs_operator")
  expect(outcome.error.code):equals("SH1913")
end)

test("a proxy that is restarted between drain and stop is drained again", function()
  world:delay("proxy.get", "500ms", { nth = 2, times = 4 })
  world:restart_proxy { at = "1.9s" }
  expect(deploy("recreate").state):equals("succeeded")
end)

test("a proxy that is restarted again while it is told its shares is told once more", function()
  world:restart_proxy { after_step = 1 }
  world:restart_proxy { at = "1.2s" }
  world:delay("proxy.set", "2s", { nth = 2 })
  expect(deploy("recreate").state):equals("succeeded")
end)

test("who died while shunt was gone gets all requests only when it answers again", function()
  world:crash { cut = "after intent", step = 3, away = "2s" }
  world:kill { at = "2.25s" }
  expect(deploy("blue_green").clients.failed):equals(0)
end)

test("shares that were half put right when shunt ended are put right", function()
  world:set_weights { at = "250ms", new = 50, old = 40 }
  world:crash { cut = "before intent", step = 4 }
  world:crash { cut = "before commit", step = 4 }
  expect(deploy("blue_green").state):equals("succeeded")
end)
