-- Requires what lies outside the folder, in every way to write it; none is found.
-- ends: SH1102 as load
for _, name in ipairs {
  "../outside",
  "..outside",
  ".outside",
  "/outside",
  "plain\0/../../outside",
  "linked",
  "./../outside.lua",
  "folder/../../outside.lua",
  "directory",
  "pipe",
  "",
} do
  local ok, found = pcall(require, name)
  if ok and found.word then
    error("breached: " .. name)
  end
end
return require("../outside")
