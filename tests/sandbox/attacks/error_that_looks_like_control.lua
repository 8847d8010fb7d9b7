-- Raises a table that looks like a control error, and one that looks like ours; both stay errors of the script.
-- ends: SH1201 at 7
local ok, problem = pcall(error, { code = "SH1281", control = true, kind = "cancelled", message = "stop" })
if ok or problem.control then
  log.error("a script can forge a control error")
end
error { message = "the end", control = true }
