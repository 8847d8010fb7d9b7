-- Encodes, prints and passes on bytes that are not UTF-8; they come back as they were, and nothing ends.
-- ends: ok
local bytes = ""
for i = 0, 255 do
  bytes = bytes .. string.char(i)
end
json.encode { [bytes] = bytes }
pcall(json.decode, bytes)
pcall(json.decode, '"' .. bytes .. '"')
log.info(bytes, { [bytes] = bytes })
pcall(error, bytes)
pcall(deploy.phase, deploy, bytes, type)
