local function world_with(errors)
  local world = sim.world()
  world:metric('errors{color="blue"}', function()
    return errors.old
  end)
  world:metric('errors{color="green"}', function(at)
    return at.traffic.new > 0 and errors.new or "empty"
  end)
  return world
end

test("as good as the old one: it gets everything", function()
  expect(world_with({ old = 0.01, new = 0.01 }):deploy("3_canary.lua").state):equals("succeeded")
end)

test("worse than the old one: it goes back at the first share", function()
  local outcome = world_with({ old = 0.01, new = 0.05 }):deploy("3_canary.lua")
  expect(outcome.state):equals("rolled_back")
  expect(outcome.error.evidence):equals { old = 0.01, new = 0.05 }
  expect(outcome.steps):contains("shift 5")
  expect(outcome.steps):lacks("shift 25")
end)

test("what troubles both is not held against the new one", function()
  expect(world_with({ old = 0.2, new = 0.2 }):deploy("3_canary.lua").state):equals("succeeded")
end)

test("without data nothing is decided", function()
  expect(world_with({ old = "empty", new = "empty" }):deploy("3_canary.lua").state):equals("succeeded")
end)
