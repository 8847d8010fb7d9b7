-- Asks for a million names of the environment and makes a million secrets; the host does not remember without bound.
-- ends: SH1115 as app
for i = 1, 1000000 do
  pcall(secret, "env:" .. i)
  env("NAME" .. i)
end
