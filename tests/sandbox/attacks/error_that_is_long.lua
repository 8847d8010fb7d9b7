-- Raises a message of a megabyte; people see its beginning.
-- ends: SH1201 at 3
error(("long "):rep(200000))
