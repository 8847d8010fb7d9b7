-- Looks for what makes code of text, under every name that Lua has for it; there is none.
-- ends: ok
for _, name in ipairs {
  "load",
  "loadstring",
  "loadfile",
  "dofile",
  "debug",
  "io",
  "os",
  "package",
  "collectgarbage",
  "_G",
  "print",
  "getfenv",
  "setfenv",
  "newproxy",
} do
  if pcall(function()
    return _ENV[name]
  end) then
    log.error("there is " .. name)
  end
end
for _, name in ipairs { "dump", "pack", "unpack" } do
  if string[name] ~= nil then
    log.error("there is string." .. name)
  end
end
