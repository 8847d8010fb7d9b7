-- Goes on in a branch whose race is lost, with pcall around what it waited for; it never runs again.
-- ends: ok
task.race {
  function()
    clock.sleep("1s")
  end,
  function()
    pcall(clock.sleep, "1h")
    log.error("the loser went on")
  end,
}
clock.sleep("2h")
