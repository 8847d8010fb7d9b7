---@meta
-- Written by `shunt types`. Editors read it, nothing runs it.

---How a simulated deployment went.
---@class shunt.outcome
---@field state "succeeded"|"rolled_back"|"needs_operator"
---@field exit integer
---@field error shunt.error?
---@field traffic { new: integer, old: integer }
---@field steps string[]
---@field undone string[]
---@field violations string[]
---@field elapsed number
---@field calls integer
---@field clients { requests: integer, failed: integer }

---A test: fails when fn raises an error.
---@param name string what must hold
---@param fn function shows it
function test(name, fn) end

---Is called before each test of the file.
---@param fn function what it does
function before_each(fn) end

---Says what a value must be.
---@param value? any the value
---@return shunt.expectation
function expect(value) end

---A safety property of your own: looked at after every effect of every deployment of this file's tests, and by `simulate` for the strategy beside this file.
---@param name string what must hold always
---@param fn function is given { elapsed, traffic = { new, old }, services, steps }; returns whether it holds, and why not
function invariant(name, fn) end

---Simulated worlds.
sim = {}

---A modelled world: the app file's app with every adapter modelled, or an ordinary one (a service web, a gate "error rate") where there is no app file. The old version serves and is well.
---@param options? { version?: string, previous?: string, first?: boolean, time?: string, app?: string, seed?: integer }
---@return shunt.world
function sim.world(options) end

---What a test says of its world, and the deployment in it. Each deployment begins with the world as it was told.
---@class shunt.world
local world = {}

---Deploys in virtual time.
---@param strategy string a bundled one, or a file beside the test or below the app file
---@param options? table<string, any> of the strategy
---@return shunt.outcome
function world:deploy(strategy, options) end

---A call fails: it is refused, or what error says.
---@param verb string such as "proxy.set", or "proxy" for all of them
---@param options? { nth?: integer, times?: integer, service?: string, error?: string }
function world:fail(verb, options) end

---The answer to a call takes longer.
---@param verb string such as metrics.query
---@param by shunt.duration how much longer
---@param options? { nth?: integer, times?: integer, service?: string }
function world:delay(verb, by, options) end

---Nobody can reach one of the systems for a while.
---@param what string proxy, metrics, instances, probe, http or exec
---@param duration shunt.duration how long
---@param options? { at?: shunt.duration }
function world:down(what, duration, options) end

---shunt itself is killed, and resumed.
---@param options? { after_step?: integer, before_call?: integer, step?: integer, cut?: string, away?: shunt.duration }
function world:crash(options) end

---An instance ends, as for want of memory, and its runtime starts it again.
---@param options? { service?: string, side?: string, index?: integer, at?: shunt.duration, after_step?: integer }
function world:kill(options) end

---An instance ends again and again.
---@param options? { service?: string, side?: string, index?: integer, at?: shunt.duration, after_step?: integer, life?: shunt.duration }
function world:crash_loop(options) end

---It takes long from its start until it answers.
---@param options? { service?: string, side?: string, takes?: shunt.duration }
function world:slow_start(options) end

---It answers 500.
---@param options? { service?: string, side?: string, at?: shunt.duration, after_step?: integer }
function world:sicken(options) end

---The proxy is restarted, and forgets what it was told.
---@param options? { service?: string, at?: shunt.duration, after_step?: integer }
function world:restart_proxy(options) end

---Somebody else changes the weights.
---@param options? { service?: string, at?: shunt.duration, after_step?: integer, old?: integer, new?: integer }
function world:set_weights(options) end

---What a metric shows: world:metric(name, fn), with fn given { elapsed, traffic = { new, old } } and giving a number, "nan", "empty", "stale" or "error"; or world:metric(name, { reading = ... }). Without it gates pass.
---@param name string of the gate, or the query itself
---@param fn? function what it shows
---@param options? { reading?: string, value?: number, ["function"]?: integer, from_share?: integer, during?: shunt.duration, at?: shunt.duration, after_step?: integer }
function world:metric(name, fn, options) end

---Somebody says `shunt abort`.
---@param options? { at?: shunt.duration, after_step?: integer }
function world:abort(options) end

---At the prompt of `shunt repl`: lets time go by.
---@param duration shunt.duration how long
function world:advance(duration) end

---What operators say to every question; approve unless this says otherwise.
---@param answer string "approve", "reject" or "nothing"
function world:answer(answer) end

---What `expect` gives.
---@class shunt.expectation
local expectation = {}

---It is that value; tables are compared by what is in them.
---@param wanted? any the value
function expectation:equals(wanted) end

---It is another value.
---@param unwanted? any the value
function expectation:differs(unwanted) end

---The list has that element, or the string that part.
---@param part any what
function expectation:contains(part) end

---The list or string does not contain it.
---@param part any what
function expectation:lacks(part) end

---A number, that or more.
---@param least number the limit
function expectation:at_least(least) end

---A number, that or less.
---@param most number the limit
function expectation:at_most(most) end

---It is not nil.
function expectation:exists() end
