local world

before_each(function()
  world = sim.world { version = "v2" }
end)

local function deploy(options)
  return world:deploy("gradual", options or { steps = { 10, 50, 100 }, soak = "10s" })
end

test("a good version gets its shares one after the other", function()
  local outcome = deploy()
  expect(outcome.state):equals("succeeded")
  for _, step in ipairs { "shift 10", "shift 50", "shift 100", "soak 10s", "retire_old" } do
    expect(outcome.steps):contains(step)
  end
  expect(outcome.clients.failed):equals(0)
end)

test("goes back when errors rise at 50 %", function()
  world:metric("error rate", function(at)
    return at.traffic.new >= 50 and 0.2 or 0
  end)
  local outcome = deploy()
  expect(outcome.state):equals("rolled_back")
  expect(outcome.traffic.old):equals(100)
  expect(outcome.steps):contains("shift 50")
  expect(outcome.steps):lacks("shift 100")
end)

test("an instance that ends while it is watched ends the deployment", function()
  world:kill { at = "5s" }
  local outcome = deploy()
  expect(outcome.state):equals("rolled_back")
  expect(outcome.error.kind):equals("unhealthy")
end)

test("a proxy that is restarted in between is told its shares again", function()
  world:restart_proxy { at = "15s" }
  local outcome = deploy()
  expect(outcome.state):equals("succeeded")
  expect(outcome.violations):equals {}
end)

test("a provider that cannot be reached for a moment spoils nothing", function()
  world:down("metrics", "4s", { at = "12s" })
  expect(deploy().state):equals("succeeded")
end)

test("the last step must be 100 %: the old version is not retired while it has traffic", function()
  local outcome = deploy { steps = { 10, 50 }, soak = "1s" }
  expect(outcome.state):equals("rolled_back")
  expect(outcome.error.code):equals("SH1321")
end)
