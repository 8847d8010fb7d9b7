-- Includes a file that loops for ever; ended.
-- ends: busy as app
return include("endless.lua")
