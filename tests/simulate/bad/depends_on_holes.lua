return {
  api = 1,
  summary = "Asks for the length of a table with holes.",
  run = function(deploy)
    local new = deploy:launch()
    new:await_healthy()
    new:smoke_test()
    local seen = {}
    for number = 1, 16 do
      seen["check " .. number] = true
    end
    for number = 1, 11 do
      seen["check " .. number] = nil
    end
    for _, number in ipairs { 1, 2, 4, 8 } do
      seen[number] = true
    end
    deploy:shift(#seen * 10)
    deploy:shift(100)
    deploy:soak("5s")
    deploy:retire_old()
  end,
}
