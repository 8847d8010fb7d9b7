return {
  api = 1,
  summary = "Goes round in a circle without waiting for anything.",
  run = function(deploy)
    deploy:launch()
    local rounds = 0
    repeat
    until rounds < 0
    deploy:shift(100)
  end,
}
