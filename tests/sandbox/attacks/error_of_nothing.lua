-- Raises nil, true, a function and a coroutine; each is an error in words.
-- ends: SH1201 at 8
for _, value in ipairs { true, 1.5, error, coroutine.create(error) } do
  if select(2, pcall(error, value)).code ~= "SH1201" then
    log.error("an error has no code")
  end
end
error(nil)
