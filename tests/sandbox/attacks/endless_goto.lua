-- Jumps for ever; ended at its line.
-- ends: busy at 4
::again::
goto again
