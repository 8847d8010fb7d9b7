-- A backup before, restored when the deployment rolls back.
--
-- The undo is registered before what it undoes: between the two the machine may lose its power. `idempotent` says that running
-- the program twice is the same as once, so that a resume may repeat it without asking anybody.

local function run(...)
  local done = exec.run({ ... }, { timeout = "10m", idempotent = true })
  if done.code ~= 0 then
    error(table.concat({ ... }, " ") .. " ended with " .. done.code .. ": " .. done.stderr)
  end
end

---@type shunt.strategy
return {
  api = 1,
  summary = "Takes a backup before anything starts, and restores it on the way back.",
  run = function(deploy)
    deploy:on_rollback("restore the backup", function()
      run("./backup.sh", "restore", deploy.id)
    end)
    run("./backup.sh", "save", deploy.id)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    deploy:shift(100)
    deploy:soak("5m")
    deploy:retire_old()
  end,
}
