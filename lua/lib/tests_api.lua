-- What a test (`*_test.lua`) can call besides the plain language; declared as in api.lua, and read with it.
--
-- A world's methods are faults and what else a test says of its world; engine/simulate/fault.hpp has the same names.

local function argument(name, type, doc)
  return { name = name, type = type, doc = doc }
end

local option = argument

local service = option("service", "string", "of this service; the first one unless given")
local side =
  option("side", "string", '"new" or "old": the version that shall serve, or the one that did; new unless given')
local index = option("index", "integer", "which instance, from 0; 0 unless given")
local at = option("at", "duration", "how long after the beginning of the deployment")
local after_step = option("after_step", "integer", "after that many effects")
local nth = option("nth", "integer", "the first of such calls that it meets; 1 unless given")
local times = option("times", "integer", "how many of them in a row; 1 unless given")

local tests = {
  name = "tests",
  globals = true,
  doc = "What a test file calls.",
  functions = {
    {
      name = "test",
      doc = "A test: fails when fn raises an error.",
      arguments = { argument("name", "string", "what must hold"), argument("fn", "function", "shows it") },
    },
    {
      name = "before_each",
      doc = "Is called before each test of the file.",
      arguments = { argument("fn", "function", "what it does") },
    },
    {
      name = "expect",
      doc = "Says what a value must be.",
      arguments = { { name = "value", type = "any", doc = "the value", optional = true } },
      returns = "expectation",
      gives = "shunt.expectation",
    },
    {
      name = "invariant",
      doc = "A safety property of your own: looked at after every effect of every deployment of this file's tests, and by "
        .. "`simulate` for the strategy beside this file.",
      arguments = {
        argument("name", "string", "what must hold always"),
        argument(
          "fn",
          "function",
          "is given { elapsed, traffic = { new, old }, services, steps }; returns whether it holds, and why not"
        ),
      },
    },
  },
}

local sim = {
  name = "sim",
  doc = "Simulated worlds.",
  functions = {
    {
      name = "world",
      verb = "sim.world",
      doc = "A modelled world: the app file's app with every adapter modelled, or an ordinary one (a service web, a gate "
        .. '"error rate") where there is no app file. The old version serves and is well.',
      options = {
        option("version", "string", 'the version to deploy; "v2" unless given'),
        option("previous", "string", 'the version that serves; "v1" unless given'),
        option("first", "boolean", "nothing serves yet"),
        option("time", "string", 'when it begins, in UTC, such as "2027-01-19 09:30"'),
        option("app", "string", "an app file, relative to the test; otherwise the nearest shunt.lua at or above it"),
        option("seed", "integer", "mixes what runs at the same time; without it every call takes 1 ms"),
      },
      returns = "world",
      gives = "shunt.world",
    },
  },
}

local world = {
  name = "world",
  object = true,
  doc = "What a test says of its world, and the deployment in it. Each deployment begins with the world as it was told.",
  functions = {
    {
      name = "deploy",
      verb = "world.deploy",
      doc = "Deploys in virtual time.",
      arguments = {
        argument("strategy", "string", "a bundled one, or a file beside the test or below the app file"),
        { name = "options", type = "fields", doc = "of the strategy", optional = true },
      },
      returns = "{ state, exit, error, traffic = { new, old }, steps, undone, violations, elapsed, clients = { requests, failed }, calls }",
      gives = "shunt.outcome",
    },
    {
      name = "fail",
      verb = "world.fail",
      doc = "A call fails: it is refused, or what error says.",
      arguments = { argument("verb", "string", 'such as "proxy.set", or "proxy" for all of them') },
      options = {
        nth,
        times,
        option("service", "string", "only for that service"),
        option(
          "error",
          "string",
          'refused (not done), unreachable and timeout (not done, worth another try), "reply lost" and late (done all the same)'
        ),
      },
    },
    {
      name = "delay",
      verb = "world.delay",
      doc = "The answer to a call takes longer.",
      arguments = { argument("verb", "string", "such as metrics.query"), argument("by", "duration", "how much longer") },
      options = { nth, times, option("service", "string", "only for that service") },
    },
    {
      name = "down",
      verb = "world.down",
      doc = "Nobody can reach one of the systems for a while.",
      arguments = {
        argument("what", "string", "proxy, metrics, instances, probe, http or exec"),
        argument("duration", "duration", "how long"),
      },
      options = { at },
    },
    {
      name = "crash",
      verb = "world.crash",
      doc = "shunt itself is killed, and resumed.",
      options = {
        option("after_step", "integer", "after that many effects were recorded"),
        option("before_call", "integer", "before that Call is made"),
        option("step", "integer", "around that effect: see cut"),
        option("cut", "string", '"before intent", "after intent", "reply lost", "before commit" or "after commit"'),
        option("away", "duration", "how long it takes until it is resumed; nothing unless given"),
      },
    },
    {
      name = "kill",
      verb = "world.kill",
      doc = "An instance ends, as for want of memory, and its runtime starts it again.",
      options = { service, side, index, at, after_step },
    },
    {
      name = "crash_loop",
      verb = "world.crash_loop",
      doc = "An instance ends again and again.",
      options = {
        service,
        side,
        index,
        at,
        after_step,
        option("life", "duration", "how long each life lasts; 1 s unless given"),
      },
    },
    {
      name = "slow_start",
      verb = "world.slow_start",
      doc = "It takes long from its start until it answers.",
      options = { service, side, option("takes", "duration", "how long; 30 s unless given") },
    },
    { name = "sicken", verb = "world.sicken", doc = "It answers 500.", options = { service, side, at, after_step } },
    {
      name = "restart_proxy",
      verb = "world.restart_proxy",
      doc = "The proxy is restarted, and forgets what it was told.",
      options = { service, at, after_step },
    },
    {
      name = "set_weights",
      verb = "world.set_weights",
      doc = "Somebody else changes the weights.",
      options = {
        service,
        at,
        after_step,
        option("old", "percent", "weight of the old version"),
        option("new", "percent", "weight of the new version"),
      },
    },
    {
      name = "metric",
      verb = "world.metric",
      doc = "What a metric shows: world:metric(name, fn), with fn given { elapsed, traffic = { new, old } } and giving a number, "
        .. '"nan", "empty", "stale" or "error"; or world:metric(name, { reading = ... }). Without it gates pass.',
      arguments = {
        argument("name", "string", "of the gate, or the query itself"),
        { name = "fn", type = "function", doc = "what it shows", optional = true },
      },
      options = {
        option("reading", "string", "breach (unless given), value, nan, empty, stale or error"),
        option("value", "number", 'with reading = "value"'),
        option("function", "integer", "the number of fn, which the library fills in"),
        option("from_share", "percent", "only while the new version has at least that share"),
        option("during", "duration", "only that long"),
        at,
        after_step,
      },
    },
    { name = "abort", verb = "world.abort", doc = "Somebody says `shunt abort`.", options = { at, after_step } },
    {
      name = "advance",
      verb = "world.advance",
      doc = "At the prompt of `shunt repl`: lets time go by.",
      arguments = { argument("duration", "duration", "how long") },
    },
    {
      name = "answer",
      verb = "world.answer",
      doc = "What operators say to every question; approve unless this says otherwise.",
      arguments = { argument("answer", "string", '"approve", "reject" or "nothing"') },
    },
  },
}

local expectation = {
  name = "expectation",
  object = true,
  doc = "What `expect` gives.",
  functions = {
    {
      name = "equals",
      doc = "It is that value; tables are compared by what is in them.",
      arguments = { { name = "wanted", type = "any", doc = "the value", optional = true } },
    },
    {
      name = "differs",
      doc = "It is another value.",
      arguments = { { name = "unwanted", type = "any", doc = "the value", optional = true } },
    },
    {
      name = "contains",
      doc = "The list has that element, or the string that part.",
      arguments = { argument("part", "any", "what") },
    },
    {
      name = "lacks",
      doc = "The list or string does not contain it.",
      arguments = { argument("part", "any", "what") },
    },
    { name = "at_least", doc = "A number, that or more.", arguments = { argument("least", "number", "the limit") } },
    { name = "at_most", doc = "A number, that or less.", arguments = { argument("most", "number", "the limit") } },
    { name = "exists", doc = "It is not nil." },
  },
}

return { tests, sim, world, expectation }
