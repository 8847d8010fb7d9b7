-- Grows a tree of coroutines, each of which begins with a fresh count; ended by the budget or the cap, whichever is first.
-- ends: busy or SH1202 or SH1208
local function grow()
  coroutine.wrap(grow)()
  coroutine.wrap(grow)()
end
while true do
  pcall(grow)
end
