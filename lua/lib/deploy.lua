-- The methods of `deploy` that are more than one Call. The others come straight from api.lua.
--
-- `calls` holds the checked functions of api.lua: each checks its arguments and performs one Call.

local native, calls = ...

local deploy = {}

function deploy.launch(self, options)
  return native.object("colour", calls.launch(self, options))
end

function deploy.on_rollback(self, name, fn)
  native.check("deploy", "on_rollback", self, name, fn)
  native.keep_undo(name, fn)
  calls.on_rollback(self, name, fn)
end

function deploy.phase(self, name, fn)
  native.check("deploy", "phase", self, name, fn)
  native.perform("phase", { name = name, state = "begin" })
  local results = table.pack(pcall(fn))
  native.perform("phase", { name = name, state = "end" })
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

function deploy.fail(self, message, evidence)
  native.check("deploy", "fail", self, message, evidence)
  native.raise { code = "SH1210", kind = "script", message = tostring(message), evidence = evidence }
end

return deploy
