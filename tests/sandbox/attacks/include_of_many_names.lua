-- Includes one large file under a thousand names; the host does not keep a thousand copies.
-- ends: SH1114 as app
for i = 1, 1000 do
  include(("./"):rep(i) .. "large.lua")
end
