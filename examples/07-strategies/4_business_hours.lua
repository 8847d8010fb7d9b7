-- Only while somebody is there to help: from Monday to Thursday, nine to four, where the team lives.
--
-- The time comes from the engine, so that a replay sees the same clock. The app file's `window` refuses before anything begins;
-- this one decides in the middle: what was proven before lunch does not switch at night.

local workdays = { mon = true, tue = true, wed = true, thu = true }

local function somebody_is_there(now)
  return workdays[now.weekday] and now.hour >= 9 and now.hour < 16
end

---@type shunt.strategy
return {
  api = 1,
  summary = "Proves the new version at any time, and switches in business hours.",
  options = {
    zone = { type = "string", default = "Europe/Zurich", doc = "where the team lives" },
  },
  run = function(deploy, options)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    local now = clock.date(options.zone)
    if not somebody_is_there(now) then
      deploy:fail("it is outside business hours", now)
    end
    deploy:shift(100)
    deploy:soak("10m")
    deploy:retire_old()
  end,
}
