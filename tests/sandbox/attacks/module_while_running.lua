-- Requires a module while the strategy runs, when files may have changed; refused.
-- ends: SH1113 at 3
require("plain")
