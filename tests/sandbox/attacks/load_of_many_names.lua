-- Requires a megabyte of names, each of which is looked for among 200 locals; each is looked for once.
-- ends: SH1103 as load
return require("names")
