-- Decodes JSON that is nested deeper than the host's stack; refused.
-- ends: SH1207 at 4
pcall(json.decode, ('{"a":'):rep(100000))
json.decode(("["):rep(1 << 20))
