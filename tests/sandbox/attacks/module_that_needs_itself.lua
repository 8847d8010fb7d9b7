-- Requires a module that requires itself through another one; an error that names it.
-- ends: SH1110 as load
return require("ring_one")
