local world

before_each(function()
  world = sim.world { version = "v2" }
end)

local function deploy(options)
  return world:deploy("blue_green", options or { soak = "10s" })
end

test("a good version gets everything, and the old one is stopped", function()
  local outcome = deploy()
  expect(outcome.state):equals("succeeded")
  expect(outcome.traffic):equals { new = 100, old = 0 }
  expect(outcome.steps):equals {
    "run_checks",
    "launch",
    "await_healthy",
    "smoke_test",
    "shift 100",
    "soak 10s",
    "retire_old",
  }
  expect(outcome.clients.failed):equals(0)
end)

test("a version that does not start gets no traffic", function()
  world:slow_start { takes = "1h" }
  local outcome = deploy()
  expect(outcome.state):equals("rolled_back")
  expect(outcome.steps):lacks("shift 100")
  expect(outcome.clients.failed):equals(0)
end)

test("goes back when the gate breaks after the switch", function()
  world:metric("error rate", function(at)
    return at.traffic.new == 100 and 0.2 or 0
  end)
  local outcome = deploy()
  expect(outcome.state):equals("rolled_back")
  expect(outcome.error.kind):equals("gate")
  expect(outcome.traffic.old):equals(100)
  expect(outcome.clients.failed):equals(0)
end)

test("with a hold the old version stays up", function()
  local outcome = deploy { soak = "10s", hold = "1h" }
  expect(outcome.state):equals("succeeded")
  expect(outcome.violations):equals {}
end)

test("shunt may be killed after any step", function()
  for step = 1, 4 do
    local again = sim.world { version = "v2" }
    again:crash { after_step = step }
    local outcome = again:deploy("blue_green", { soak = "10s" })
    expect(outcome.state):equals("succeeded")
    expect(outcome.violations):equals {}
  end
end)
