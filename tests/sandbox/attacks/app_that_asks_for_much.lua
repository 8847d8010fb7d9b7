-- Asks for a million names of the environment, each of them long; the host does not remember without bound.
-- ends: SH1207 as app
for i = 1, 1000000 do
  env(("x"):rep(1 << 19) .. i)
end
