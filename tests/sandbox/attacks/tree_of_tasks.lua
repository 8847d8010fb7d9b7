-- Starts tasks that start tasks; refused when they are too deep, or ended by the budget: a fork is no wait.
-- ends: SH1213 or busy
local function spawn()
  task.all { spawn, spawn, spawn, spawn }
end
spawn()
