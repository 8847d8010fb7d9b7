-- Encodes tables that are nested deeper than the host's stack; refused.
-- ends: SH1204 at 7
local deep = {}
for _ = 1, 100000 do
  deep = { deep }
end
json.encode(deep)
