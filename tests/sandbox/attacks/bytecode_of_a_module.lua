-- Requires a module that is bytecode; only texts are loaded.
-- ends: SH1104 as load
return require("bytecode")
