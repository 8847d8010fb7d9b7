test("on a Tuesday morning", function()
  local world = sim.world { time = "2027-01-19 09:30" }
  expect(world:deploy("4_business_hours.lua").state):equals("succeeded")
end)

test("on a Friday, or at night, nothing is switched", function()
  for _, time in ipairs { "2027-01-22 10:00", "2027-01-19 22:00", "2027-01-23 11:00" } do
    local outcome = sim.world({ time = time }):deploy("4_business_hours.lua")
    expect(outcome.state):equals("rolled_back")
    expect(outcome.error.message):equals("it is outside business hours")
    expect(outcome.steps):lacks("shift 100")
  end
end)
