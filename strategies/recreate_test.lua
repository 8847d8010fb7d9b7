test("the old version is stopped before the new one starts", function()
  local world = sim.world { version = "v2" }
  local outcome = world:deploy("recreate", { soak = "5s" })
  expect(outcome.state):equals("succeeded")
  expect(outcome.steps):equals {
    "run_checks",
    "stop_old",
    "launch",
    "await_healthy",
    "smoke_test",
    "shift 100",
    "soak 5s",
  }
end)

test("when the new version does not work the old one is started again", function()
  local world = sim.world { version = "v2" }
  world:sicken { side = "new" }
  local outcome = world:deploy("recreate", { soak = "5s" })
  expect(outcome.state):equals("rolled_back")
  expect(outcome.traffic):equals { new = 0, old = 100 }
end)
