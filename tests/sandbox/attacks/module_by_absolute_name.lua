-- Requires an absolute path whose dots become slashes; the folder is not left.
-- ends: SH1102 as load
local ok = pcall(require, ".etc.hostname")
local _, problem = pcall(require, ".etc.hostname")
if ok or not problem.message:find("folder") then
  error("breached: " .. problem.message)
end
return require(".etc.hostname")
