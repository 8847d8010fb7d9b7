-- Requires a megabyte of uses of a local that 9,000 others hide, function inside function; found as fast as Lua does.
-- ends: ok as load
require("locals")
return { api = 1, summary = "attack", run = function() end }
