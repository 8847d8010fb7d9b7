-- Raises, prints and joins a secret, to see its value; it is a handle without one.
-- ends: SH1201 at 8 as app
local handle = secret("env:TOKEN")
pcall(function()
  return "x" .. handle
end)
local printed = tostring(handle) .. string.format("%s", handle)
error { message = printed, evidence = handle }
