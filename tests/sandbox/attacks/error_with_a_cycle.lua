-- Raises a table that contains itself, as a field, a cause and evidence; told once, and bounded.
-- ends: SH1201 at 5
local round = { message = "round" }
round.cause, round.evidence, round.where, round.self = round, round, round, round
error(round)
