-- Requires a module that loops for ever; ended.
-- ends: busy as load
return require("endless")
