test("one region after the other", function()
  local outcome = sim.world():deploy("6_two_regions.lua")
  expect(outcome.state):equals("succeeded")
  expect(outcome.steps):contains("shift 100 eu")
  expect(outcome.steps):contains("shift 100 us")
end)

test("an instance that fails in the second region takes both back", function()
  local world = sim.world()
  world:kill { service = "us", at = "690s" }
  local outcome = world:deploy("6_two_regions.lua")
  expect(outcome.state):equals("rolled_back")
  expect(outcome.steps):contains("shift 100 eu")
  expect(outcome.steps):lacks("shift 100 us")
  expect(outcome.traffic.old):equals(100)
end)

-- Looked at after every effect, here and by `shunt simulate --strategy 6_two_regions.lua`, whatever goes wrong.
invariant("a region sends requests only to versions that are ready there", function(world)
  for name, region in pairs(world.services) do
    if region.traffic.new > 0 and not region.ready.new then
      return false, name .. " sends " .. region.traffic.new .. " % to a version that is not ready"
    end
  end
  return true
end)
