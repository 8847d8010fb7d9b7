-- Calls methods of deploy on a table of its own that pretends to be one; refused.
-- ends: SH1207 at 3
deploy.shift(setmetatable({}, { __index = deploy, __name = "deploy" }), 100)
log.error("it was taken for the deployment")
