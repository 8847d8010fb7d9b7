local world

before_each(function()
  world = sim.world()
end)

test("approved, it goes on", function()
  local outcome = world:deploy("2_approval.lua")
  expect(outcome.state):equals("succeeded")
  expect(outcome.steps):contains("confirm Does v2 look right?")
end)

test("rejected, it goes back", function()
  world:answer("reject")
  local outcome = world:deploy("2_approval.lua")
  expect(outcome.state):equals("rolled_back")
  expect(outcome.error.code):equals("SH1914")
end)

test("unanswered, it goes back when the time is over", function()
  world:answer("nothing")
  local outcome = world:deploy("2_approval.lua", { patience = "30m" })
  expect(outcome.state):equals("rolled_back")
  expect(outcome.elapsed):at_least(30 * 60)
  expect(outcome.elapsed):at_most(45 * 60)
end)
