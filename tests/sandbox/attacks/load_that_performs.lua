-- Performs while the strategy is loaded; nothing is done.
-- ends: SH1109 at 3 as load
exec.run { "touch", "breached" }
