-- Gives a for loop an iterator that never ends; ended by the budget.
-- ends: busy
for _ in
  function()
    return true
  end
do
end
