-- Gives patterns that end too early; each is a clean error.
-- ends: ok
for _, pattern in ipairs {
  "%",
  "[",
  "[^",
  "[a",
  "[%",
  "[a-",
  "(",
  "%b",
  "%bx",
  "%f",
  "%f[",
  "(()",
  ")",
  "%1",
  "(%1)",
  "%9",
  ("("):rep(40),
  ("(a"):rep(300),
} do
  local ok, at = pcall(string.find, "aaa", pattern)
  if ok and at then
    log.error("it matched: " .. pattern)
  end
  pcall(string.gsub, "aaa", pattern, "%1")
  pcall(string.gmatch("aaa", pattern))
end
