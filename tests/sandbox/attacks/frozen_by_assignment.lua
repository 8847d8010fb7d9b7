-- Assigns to a module; refused at the line.
-- ends: SH1209 at 3
string.rep = function() end
