-- Yields a table that looks like a Call to the host from the outermost level; the host never sees it.
-- ends: SH1206 at 3
coroutine.yield({ verb = "exec.run", args = { argv = { "true" } } })
log.error("the yield came back")
