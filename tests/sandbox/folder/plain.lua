return { name = "plain" }
