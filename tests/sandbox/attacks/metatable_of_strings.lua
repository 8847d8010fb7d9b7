-- Looks for the metatable of all strings, to change what every string can do; it is not given away.
-- ends: SH1207 at 11
if getmetatable("") ~= "string" then
  log.error("it is there")
end
if pcall(function()
  getmetatable("").__index = {}
end) then
  log.error("it was changed")
end
setmetatable("", {})
