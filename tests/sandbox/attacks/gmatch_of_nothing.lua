-- Steps through empty matches without an end; each is charged.
-- ends: busy
while true do
  for _ in ("a"):rep(100000):gmatch("") do
  end
end
