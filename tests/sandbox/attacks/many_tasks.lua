-- Starts a hundred thousand tasks at once; refused.
-- ends: SH1213 at 7
local functions = {}
for i = 1, 100000 do
  functions[i] = clock.now
end
task.all(functions)
