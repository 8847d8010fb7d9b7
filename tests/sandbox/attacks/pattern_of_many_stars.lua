-- Matches a pattern of thirty stars; charged step by step.
-- ends: busy at 3
string.match(("a"):rep(1 << 20), ("a*"):rep(30) .. "b")
