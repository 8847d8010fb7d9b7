---@meta
-- Written by `shunt types`. Editors read it, nothing runs it.

---Such as "250ms", "3s", "10m", "1h", or a number of seconds.
---@alias shunt.duration string|number

---What was raised: it prints as one line.
---@class shunt.error
---@field code string
---@field message string
---@field kind "timeout"|"unhealthy"|"gate"|"adapter"|"cancelled"|"config"|"script"
---@field where { file: string, line: integer }
---@field traceback string
---@field step string
---@field cause shunt.error?
---@field retryable boolean
---@field evidence any

---@class shunt.option
---@field type "duration"|"number"|"integer"|"string"|"boolean"|"percents"|"list"
---@field default any
---@field doc string

---What a strategy file returns.
---@class shunt.strategy
---@field api integer
---@field summary string
---@field downtime? boolean
---@field options? table<string, shunt.option>
---@field run fun(deploy: shunt.deploy, options: table<string, any>)

---The deployment that runs: what a strategy is given.
---@class shunt.deploy
---@field app string its name
---@field id string of this deployment
---@field version string the one that shall serve
---@field previous_version string? the one that serves; nil the first time
---@field live "blue"|"green" the colour that serves
---@field idle "blue"|"green" the colour that shall serve
---@field services string[] their names, in the order in which they are started
---@field options table<string, any> of the strategy
local deploy = {}

---Runs the app file's checks.
function deploy:run_checks() end

---Starts the idle colour of every service.
---@param options? { service?: string }
---@return shunt.colour
function deploy:launch(options) end

---Gives the new colour that share of the traffic, confirmed and verified through the proxy.
---@param percent integer share of the new colour
---@param options? { service?: string }
function deploy:shift(percent, options) end

---Reads the proxy.
---@param options? { service?: string }
---@return { blue: integer, green: integer }
function deploy:traffic(options) end

---Watches gates and health; raises at a breach, with the numbers.
---@param duration shunt.duration how long
---@param options? { service?: string }
function deploy:soak(duration, options) end

---Evaluates the gates once.
---@param options? { service?: string }
---@return { name: string, verdict: "pass"|"fail"|"inconclusive"|"error", value: number?, limit: table, samples: table }[]
function deploy:check_gates(options) end

---Drains and stops the old colour, now or when the hold is over.
---@param options? { hold?: shunt.duration }
function deploy:retire_old(options) end

---Stops the old colour before the new one starts; only in a strategy with downtime = true.
function deploy:stop_old() end

---Runs the app's migrations of that phase. Not available yet.
---@param phase string expand, backfill or contract
function deploy:migrate(phase) end

---Sets a feature flag. Not available yet.
---@param name string the flag
---@param value any what it becomes
function deploy:set_flag(name, value) end

---Waits for `shunt approve`; rejected or unanswered, the deployment rolls back.
---@param question string what is asked
---@param options? { timeout?: shunt.duration }
function deploy:confirm(question, options) end

---Queues a message for every channel of the app file's `notify`; it is sent beside the run.
---@param text string|number|boolean|shunt.error the message
---@param fields? table<string, any> names to values, shown beside it
function deploy:notify(text, fields) end

---Registers an undo of your own.
---@param name string what is undone
---@param fn function undoes it
function deploy:on_rollback(name, fn) end

---Groups the steps that fn makes, in timeline, progress and reports.
---@param name string what the group is called
---@param fn function makes the steps
---@return any
function deploy:phase(name, fn) end

---Ends the deployment as failed, on purpose.
---@param message string|number|boolean|shunt.error why
---@param evidence? any numbers that show it
function deploy:fail(message, evidence) end

---One colour of the app.
---@class shunt.colour
---@field color "blue"|"green" which one
local colour = {}

---Waits until every instance is ready.
---@param options? { timeout?: shunt.duration, interval?: shunt.duration, successes?: integer }
function colour:await_healthy(options) end

---Runs the smoke tests against it directly.
function colour:smoke_test() end

---Looks whether something answers.
probe = {}

---Asks a URL.
---@param options { url: string, method?: string, headers?: table<string, string|number|boolean>, timeout?: shunt.duration, status?: integer }
---@return { ok: boolean, status: integer?, latency: number?, error: string? }
function probe.http(options) end

---Connects to an address.
---@param options { address: string, timeout?: shunt.duration }
---@return { ok: boolean, latency: number?, error: string? }
function probe.tcp(options) end

---Runs a program that must end with 0 and change nothing.
---@param options { command: string[], cwd?: string, env?: table<string, string|number|boolean>, timeout?: shunt.duration }
---@return { ok: boolean, status: integer?, latency: number?, error: string? }
function probe.command(options) end

---HTTP requests.
http = {}

---Sends one request; any status is an answer.
---@param options { url: string, method?: string, headers?: table<string, string|number|boolean>, body?: string, timeout?: shunt.duration }
---@return { status: integer, headers: table<string, string>, body: string }
function http.request(options) end

---Programs on this machine.
exec = {}

---Runs a program, never through a shell.
---@param argv string[] program and arguments
---@param options? { cwd?: string, env?: table<string, string|number|boolean>, stdin?: string, timeout?: shunt.duration, idempotent?: boolean, probe?: string[] }
---@return { code: integer, stdout: string, stderr: string }
function exec.run(argv, options) end

---The running copies of a service.
instances = {}

---Starts a colour of a service.
---@param options { service: string, color: "blue"|"green" }
function instances.start(options) end

---Drains and stops a colour of a service.
---@param options { service: string, color: "blue"|"green" }
function instances.stop(options) end

---What runs.
---@param options? { service?: string, color?: "blue"|"green" }
---@return { id: string, color: string, version: string, state: string, healthy: boolean?, address: string }[]
function instances.list(options) end

---What they wrote last.
---@param options { service: string, color: "blue"|"green" }
---@return string
function instances.logs(options) end

---The proxy in front of a service.
proxy = {}

---Effective shares.
---@param options { service: string }
---@return { blue: integer, green: integer }
function proxy.get(options) end

---deploy:shift with explicit weights.
---@param options { service: string, blue: integer, green: integer }
function proxy.set(options) end

---Requests that are being answered.
---@param options { service: string, color: "blue"|"green" }
---@return integer?
function proxy.in_flight(options) end

---The app's metrics.
metrics = {}

---Evaluates an expression of the provider.
---@param expression string the query
---@return { state: "ok"|"empty"|"nan"|"stale", value: number?, samples: table?, time: number? }
function metrics.query(expression) end

---Time, as the deployment's journal has it.
clock = {}

---Seconds since 1970.
---@return number
function clock.now() end

---The calendar.
---@param zone? string such as "Europe/Zurich"; UTC unless given
---@return { year: integer, month: integer, day: integer, hour: integer, minute: integer, weekday: "mon"|"tue"|"wed"|"thu"|"fri"|"sat"|"sun" }
function clock.date(zone) end

---Waits.
---@param duration shunt.duration how long
function clock.sleep(duration) end

---Chance, as the deployment's journal has it.
random = {}

---At least 0 and less than 1.
---@return number
function random.number() end

---A name that nothing else has.
---@return string
function random.uuid() end

---Several things at the same time.
task = {}

---Runs all of them; the first error cancels the others and is raised.
---@param functions any a list of functions
---@return any[]
function task.all(functions) end

---Runs all of them until one ends; the others are cancelled.
---@param functions any a list of functions
---@return any, integer
function task.race(functions) end

---Runs fn for at most that time; then it is cancelled and an error of kind timeout raised.
---@param duration shunt.duration at most
---@param fn function what runs
---@return any
function task.deadline(duration, fn) end

---Calls fn until it raises no error; the last error is raised.
---@param options { times?: integer, delay?: shunt.duration, [1]: function }
---@return any
function task.retry(options) end

---The deployment's log.
log = {}

---Writes a line of level info to the deployment's log.
---@param text string|number|boolean|shunt.error the line
---@param fields? table<string, any> names to values, written beside it
function log.info(text, fields) end

---Writes a line of level warn to the deployment's log.
---@param text string|number|boolean|shunt.error the line
---@param fields? table<string, any> names to values, written beside it
function log.warn(text, fields) end

---Writes a line of level error to the deployment's log.
---@param text string|number|boolean|shunt.error the line
---@param fields? table<string, any> names to values, written beside it
function log.error(text, fields) end

---JSON text. json.null stands for null inside a list.
json = {}

---The text of a value.
---@param value any what
---@return string
function json.encode(value) end

---The value of a text.
---@param text string JSON
---@return any
function json.decode(text) end

---Null inside a list.
json.null = {}

---Container images, on the engine of a service.
image = {}

---Builds an image.
---@param options { image: string, context: string, file?: string, target?: string, args?: table<string, string|number|boolean|table>, service?: string }
---@return { id: string }
function image.build(options) end

---Gives an image that is there another name.
---@param options { image: string, as: string, service?: string }
function image.tag(options) end

---Sends an image to the registry in its name, with the login of the user who runs shunt.
---@param options { image: string, service?: string }
---@return { digest: string }
function image.push(options) end
