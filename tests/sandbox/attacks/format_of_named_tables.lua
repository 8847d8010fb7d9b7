-- Prints thousands of tables that have names, so that each leaves something on the stack of the host; none does.
-- ends: ok
local list, form = {}, {}
for i = 1, 5000 do
  list[i], form[i] = setmetatable({}, { __name = "named" }), "%s"
end
for _ = 1, 20 do
  string.format(table.concat(form), table.unpack(list))
end
if pcall(string.format, "%s %s", list[1]) then
  log.error("a value is there that nobody gave")
end
