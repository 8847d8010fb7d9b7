-- Includes what lies outside the folder, in every way to write it; none is found, and no error shows its text.
-- ends: SH1102 as app
for _, name in ipairs {
  "../outside.lua",
  "/etc/hostname",
  "plain.lua\0/../../outside.lua",
  "linked.lua",
  "torn.lua",
  "a/../../outside.lua",
  "directory.lua",
  "pipe.lua",
  "",
  ".",
} do
  local ok, found = pcall(include, name)
  if ok then
    error("breached: " .. name)
  end
  if found.message:find("s3cret") then
    error(found)
  end
end
return include("torn.lua")
