-- Every function that a strategy can call besides the plain language: what it is called, what it takes, what it does.
--
-- lua/vm reads this table once per process: a function with a `verb` checks its arguments against it and performs one Call of
-- that verb; one without is written in the file beside this one that bears its module's name. Documentation, types for editors
-- and the prompt's help come from here too, and from nowhere else.
--
-- Arguments stand in order; `options` are the named ones of a table that comes last. A duration goes out in milliseconds, as
-- NAME_ms. Types: string, text (a string, number, boolean or error), integer, percent, number, boolean, duration, color, strings (a
-- list), map (names to strings, numbers or booleans), variables (a map whose values may be secrets), fields (names to values),
-- function, any. `returns` is for people, `gives` the
-- same as a type for editors. What says `later` is refused with that reason: this version has the name, and not yet what it does.

local function argument(name, type, doc)
  return { name = name, type = type, doc = doc }
end

local function optional(name, type, doc)
  return { name = name, type = type, doc = doc, optional = true }
end

-- An option that must be given.
local function needed(name, type, doc)
  return { name = name, type = type, doc = doc, needed = true }
end

local option = argument

local service = option("service", "string", "act on this service only")

local deploy = {
  name = "deploy",
  object = true,
  doc = "The deployment that runs: what a strategy is given.",
  fields = {
    { name = "app", gives = "string", doc = "its name" },
    { name = "id", gives = "string", doc = "of this deployment" },
    { name = "version", gives = "string", doc = "the one that shall serve" },
    { name = "previous_version", gives = "string?", doc = "the one that serves; nil the first time" },
    { name = "live", gives = '"blue"|"green"', doc = "the colour that serves" },
    { name = "idle", gives = '"blue"|"green"', doc = "the colour that shall serve" },
    { name = "services", gives = "string[]", doc = "their names, in the order in which they are started" },
    { name = "options", gives = "table<string, any>", doc = "of the strategy" },
  },
  functions = {
    { name = "run_checks", verb = "run_checks", doc = "Runs the app file's checks." },
    {
      name = "launch",
      verb = "launch",
      doc = "Starts the idle colour of every service.",
      options = { service },
      returns = "colour: the new colour",
      gives = "shunt.colour",
    },
    {
      name = "shift",
      verb = "shift",
      doc = "Gives the new colour that share of the traffic, confirmed and verified through the proxy.",
      arguments = { argument("percent", "percent", "share of the new colour") },
      options = { service },
    },
    {
      name = "traffic",
      verb = "traffic",
      doc = "Reads the proxy.",
      options = { service },
      returns = "{ blue, green }: percent each",
      gives = "{ blue: integer, green: integer }",
    },
    {
      name = "soak",
      verb = "soak",
      doc = "Watches gates and health; raises at a breach, with the numbers.",
      arguments = { argument("duration", "duration", "how long") },
      options = { service },
    },
    {
      name = "check_gates",
      verb = "check_gates",
      doc = "Evaluates the gates once.",
      options = { service },
      returns = "list of { name, verdict, value, limit, samples }; verdict is pass, fail, inconclusive or error",
      gives = '{ name: string, verdict: "pass"|"fail"|"inconclusive"|"error", value: number?, limit: table, samples: table }[]',
    },
    {
      name = "retire_old",
      verb = "retire_old",
      doc = "Drains and stops the old colour, now or when the hold is over.",
      options = { option("hold", "duration", "how long it stays up for an instant rollback") },
    },
    {
      name = "stop_old",
      verb = "stop_old",
      doc = "Stops the old colour before the new one starts; only in a strategy with downtime = true.",
    },
    {
      name = "migrate",
      verb = "migrate",
      doc = "Runs the app's migrations of that phase.",
      later = "migrations come later",
      arguments = { argument("phase", "string", "expand, backfill or contract") },
    },
    {
      name = "set_flag",
      verb = "set_flag",
      doc = "Sets a feature flag.",
      later = "feature flags come later",
      arguments = { argument("name", "string", "the flag"), argument("value", "any", "what it becomes") },
    },
    {
      name = "confirm",
      verb = "confirm",
      doc = "Waits for `shunt approve`; rejected or unanswered, the deployment rolls back.",
      arguments = { argument("question", "string", "what is asked") },
      options = { option("timeout", "duration", "how long it waits") },
    },
    {
      name = "notify",
      verb = "notify",
      doc = "Queues a message for every channel of the app file's `notify`; it is sent beside the run.",
      arguments = {
        argument("text", "text", "the message"),
        optional("fields", "fields", "names to values, shown beside it"),
      },
    },
    {
      name = "on_rollback",
      verb = "on_rollback",
      doc = "Registers an undo of your own.",
      arguments = { argument("name", "string", "what is undone"), argument("fn", "function", "undoes it") },
    },
    {
      name = "phase",
      verb = "phase",
      doc = "Groups the steps that fn makes, in timeline, progress and reports.",
      arguments = {
        argument("name", "string", "what the group is called"),
        argument("fn", "function", "makes the steps"),
      },
      returns = "what fn returns",
      gives = "any",
    },
    {
      name = "fail",
      doc = "Ends the deployment as failed, on purpose.",
      arguments = { argument("message", "text", "why"), optional("evidence", "any", "numbers that show it") },
    },
  },
}

local colour = {
  name = "colour",
  object = true,
  doc = "One colour of the app.",
  fields = { { name = "color", gives = '"blue"|"green"', doc = "which one" } },
  functions = {
    {
      name = "await_healthy",
      verb = "await_healthy",
      doc = "Waits until every instance is ready.",
      options = {
        option("timeout", "duration", "how long it waits at most"),
        option("interval", "duration", "time between two looks"),
        option("successes", "integer", "how many good answers in a row are needed"),
      },
    },
    { name = "smoke_test", verb = "smoke_test", doc = "Runs the smoke tests against it directly." },
  },
}

local probe = {
  name = "probe",
  doc = "Looks whether something answers.",
  functions = {
    {
      name = "http",
      verb = "probe.http",
      doc = "Asks a URL.",
      options = {
        needed("url", "string", "what is asked"),
        option("method", "string", "GET unless it says otherwise"),
        option("headers", "map", "sent with it"),
        option("timeout", "duration", "how long it waits"),
        option("status", "integer", "the only good answer; otherwise 200 to 399"),
      },
      returns = "{ ok, status, latency, error }",
      gives = "{ ok: boolean, status: integer?, latency: number?, error: string? }",
    },
    {
      name = "tcp",
      verb = "probe.tcp",
      doc = "Connects to an address.",
      options = {
        needed("address", "string", "HOST:PORT"),
        option("timeout", "duration", "how long it waits"),
      },
      returns = "{ ok, latency, error }",
      gives = "{ ok: boolean, latency: number?, error: string? }",
    },
    {
      name = "command",
      verb = "probe.command",
      doc = "Runs a program that must end with 0 and change nothing.",
      options = {
        { name = "command", type = "strings", doc = "program and arguments", needed = true, sent_as = "argv" },
        option("cwd", "string", "folder it runs in"),
        option("env", "map", "added to its environment"),
        option("timeout", "duration", "how long it may take"),
      },
      returns = "{ ok, status, latency, error }",
      gives = "{ ok: boolean, status: integer?, latency: number?, error: string? }",
    },
  },
}

local http = {
  name = "http",
  doc = "HTTP requests.",
  functions = {
    {
      name = "request",
      verb = "http.request",
      doc = "Sends one request; any status is an answer.",
      options = {
        needed("url", "string", "what is asked"),
        option("method", "string", "GET unless it says otherwise"),
        option("headers", "map", "sent with it"),
        option("body", "string", "sent with it"),
        option("timeout", "duration", "how long it waits"),
      },
      returns = "{ status, headers, body }",
      gives = "{ status: integer, headers: table<string, string>, body: string }",
    },
  },
}

local exec = {
  name = "exec",
  doc = "Programs on this machine.",
  functions = {
    {
      name = "run",
      verb = "exec.run",
      doc = "Runs a program, never through a shell.",
      arguments = { argument("argv", "strings", "program and arguments") },
      options = {
        option("cwd", "string", "folder it runs in"),
        option("env", "map", "added to its environment"),
        option("stdin", "string", "what it reads"),
        option("timeout", "duration", "how long it may take"),
        option("idempotent", "boolean", "running it twice is the same as once"),
        option("probe", "strings", "a program that ends with 0 when this one has done its work"),
      },
      returns = "{ code, stdout, stderr }",
      gives = "{ code: integer, stdout: string, stderr: string }",
    },
  },
}

local one_color = { needed("service", "string", "whose"), needed("color", "color", "blue or green") }

local instances = {
  name = "instances",
  doc = "The running copies of a service.",
  functions = {
    { name = "start", verb = "instances.start", doc = "Starts a colour of a service.", options = one_color },
    { name = "stop", verb = "instances.stop", doc = "Drains and stops a colour of a service.", options = one_color },
    {
      name = "list",
      verb = "instances.list",
      doc = "What runs.",
      options = { service, option("color", "color", "blue or green") },
      returns = "list of { id, color, version, state, healthy, address }",
      gives = "{ id: string, color: string, version: string, state: string, healthy: boolean?, address: string }[]",
    },
    {
      name = "logs",
      verb = "instances.logs",
      doc = "What they wrote last.",
      options = one_color,
      returns = "string",
      gives = "string",
    },
  },
}

local proxy = {
  name = "proxy",
  doc = "The proxy in front of a service.",
  functions = {
    {
      name = "get",
      verb = "proxy.get",
      doc = "Effective shares.",
      options = { needed("service", "string", "whose") },
      returns = "{ blue, green, ... }",
      gives = "{ blue: integer, green: integer }",
    },
    {
      name = "set",
      verb = "proxy.set",
      doc = "deploy:shift with explicit weights.",
      options = {
        needed("service", "string", "whose"),
        needed("blue", "percent", "weight of blue"),
        needed("green", "percent", "weight of green"),
      },
    },
    {
      name = "in_flight",
      verb = "proxy.in_flight",
      doc = "Requests that are being answered.",
      options = one_color,
      returns = "number, or nil where the proxy cannot tell",
      gives = "integer?",
    },
  },
}

local metrics = {
  name = "metrics",
  doc = "The app's metrics.",
  functions = {
    {
      name = "query",
      verb = "metrics.query",
      doc = "Evaluates an expression of the provider.",
      arguments = { argument("expression", "string", "the query") },
      returns = "{ state, value, samples, time }; state is ok, empty, nan or stale",
      gives = '{ state: "ok"|"empty"|"nan"|"stale", value: number?, samples: table?, time: number? }',
    },
  },
}

local clock = {
  name = "clock",
  doc = "Time, as the deployment's journal has it.",
  functions = {
    { name = "now", verb = "clock.now", doc = "Seconds since 1970.", returns = "number", gives = "number" },
    {
      name = "date",
      verb = "clock.date",
      doc = "The calendar.",
      arguments = { optional("zone", "string", 'such as "Europe/Zurich"; UTC unless given') },
      returns = "{ year, month, day, hour, minute, weekday }",
      gives = '{ year: integer, month: integer, day: integer, hour: integer, minute: integer, weekday: "mon"|"tue"|"wed"|"thu"|"fri"|"sat"|"sun" }',
    },
    {
      name = "sleep",
      verb = "clock.sleep",
      doc = "Waits.",
      arguments = { argument("duration", "duration", "how long") },
    },
  },
}

local random = {
  name = "random",
  doc = "Chance, as the deployment's journal has it.",
  functions = {
    {
      name = "number",
      verb = "random.number",
      doc = "At least 0 and less than 1.",
      returns = "number",
      gives = "number",
    },
    {
      name = "uuid",
      verb = "random.uuid",
      doc = "A name that nothing else has.",
      returns = "string",
      gives = "string",
    },
  },
}

local tasks = argument("functions", "any", "a list of functions")

local task = {
  name = "task",
  doc = "Several things at the same time.",
  functions = {
    {
      name = "all",
      doc = "Runs all of them; the first error cancels the others and is raised.",
      arguments = { tasks },
      returns = "list of their results",
      gives = "any[]",
    },
    {
      name = "race",
      doc = "Runs all of them until one ends; the others are cancelled.",
      arguments = { tasks },
      returns = "its result, and its number",
      gives = "any, integer",
    },
    {
      name = "deadline",
      doc = "Runs fn for at most that time; then it is cancelled and an error of kind timeout raised.",
      arguments = { argument("duration", "duration", "at most"), argument("fn", "function", "what runs") },
      returns = "its result",
      gives = "any",
    },
    {
      name = "retry",
      doc = "Calls fn until it raises no error; the last error is raised.",
      options = {
        option("times", "integer", "how often at most; 3 unless given"),
        option("delay", "duration", "time in between; 1 s unless given"),
        needed("fn", "function", "the first and only element of the list: task.retry{ times = 5, fn }"),
      },
      returns = "what fn returns",
      gives = "any",
    },
  },
}

local function log_function(level)
  return {
    name = level,
    verb = "log",
    doc = "Writes a line of level " .. level .. " to the deployment's log.",
    fixed = { level = level },
    arguments = {
      argument("text", "text", "the line"),
      optional("fields", "fields", "names to values, written beside it"),
    },
  }
end

local log = {
  name = "log",
  doc = "The deployment's log.",
  functions = { log_function("info"), log_function("warn"), log_function("error") },
}

local json = {
  name = "json",
  doc = "JSON text. json.null stands for null inside a list.",
  functions = {
    {
      name = "encode",
      doc = "The text of a value.",
      arguments = { argument("value", "any", "what") },
      returns = "string",
      gives = "string",
    },
    {
      name = "decode",
      doc = "The value of a text.",
      arguments = { argument("text", "string", "JSON") },
      returns = "value",
      gives = "any",
    },
    { name = "null", doc = "Null inside a list." },
  },
}

local engine_of =
  option("service", "string", "the one whose engine does it; the first whose runtime has images unless given")

local image = {
  name = "image",
  doc = "Container images, on the engine of a service.",
  functions = {
    {
      name = "build",
      verb = "image.build",
      doc = "Builds an image.",
      options = {
        needed("image", "string", 'the name that it gets, such as "registry.example.com/shop:v2"'),
        needed("context", "string", "the folder that it is built from; the app file's folder is where it starts"),
        option("file", "string", "the Dockerfile, from the context on"),
        option("target", "string", "the stage to build; the last unless given"),
        option("args", "variables", "build arguments; values may be secrets of the app file's `options`"),
        engine_of,
      },
      returns = "{ id }",
      gives = "{ id: string }",
    },
    {
      name = "tag",
      verb = "image.tag",
      doc = "Gives an image that is there another name.",
      options = {
        needed("image", "string", "the name or id that it has"),
        needed("as", "string", "the name that it gets"),
        engine_of,
      },
    },
    {
      name = "push",
      verb = "image.push",
      doc = "Sends an image to the registry in its name, with the login of the user who runs shunt.",
      options = { needed("image", "string", "its name"), engine_of },
      returns = "{ digest }",
      gives = "{ digest: string }",
    },
  },
}

return { deploy, colour, probe, http, exec, instances, proxy, metrics, clock, random, task, log, json, image }
