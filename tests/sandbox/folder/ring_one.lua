return require("ring_two")
