-- Gives a function of ours a table of half a million wrong options, again and again; reading it is charged.
-- ends: busy or SH1283
local t = {}
for i = 1, 500000 do
  t[i] = i
end
while true do
  pcall(probe.http, t)
  pcall(log.info, t)
end
