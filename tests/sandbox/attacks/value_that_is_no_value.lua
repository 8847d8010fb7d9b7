-- Passes on functions, coroutines, tables with holes and keys that no text has; each refused at its line.
-- ends: SH1204 at 15
for _, value in ipairs {
  { print = type },
  { [1] = 1, [3] = 3 },
  { [1.5] = 1 },
  { [true] = 1 },
  { 1, a = 2 },
  { [0] = 1 },
} do
  if pcall(json.encode, value) then
    log.error("it was encoded")
  end
end
log.info("x", { [{}] = 1 })
