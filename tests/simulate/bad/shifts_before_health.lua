return {
  api = 1,
  summary = "Gives traffic to a version that nobody has seen ready.",
  run = function(deploy)
    deploy:launch()
    deploy:shift(100)
    deploy:retire_old()
  end,
}
