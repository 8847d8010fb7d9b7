-- Matches a pattern whose work is a power of the subject's length; charged step by step.
-- ends: busy at 3
string.find(("a"):rep(30000), ".-.-.-.-.-b")
