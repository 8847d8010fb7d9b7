#include "vm/script.hpp"

#include <doctest/doctest.h>

#include "vm/recorder.hpp"

using namespace shunt;
using shunt::lua::test::line_of;
using shunt::lua::test::Play;

TEST_CASE("every method of deploy is one call with its arguments") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    if (call.verb == "launch") return Outcome(Value{{"color", "green"}});
    if (call.verb == "traffic") return Outcome(Value{{"blue", 90}, {"green", 10}});
    return Outcome();
  };
  const auto outcome = play.run(R"lua(
    deploy:run_checks()
    local new = deploy:launch()
    new:await_healthy { timeout = "3m", interval = 0.5, successes = 2 }
    new:smoke_test()
    deploy:shift(10, { service = "web" })
    assert(new.color == "green" and deploy:traffic().green == 10)
    deploy:soak("5m")
    deploy:check_gates()
    deploy:confirm("sure?", { timeout = "1h" })
    local later = deploy  -- what is not available yet is refused where the text shows it
    later:notify("hello", { number = 1 })
    deploy:retire_old { hold = "1h" }
    deploy:stop_old()
    later:set_flag("dark", true)
    later:migrate("expand"))lua");
  CHECK(line_of(outcome) == "ok");
  CHECK(play.recorder.calls ==
        std::vector<std::string>{
            "run_checks {}", "launch {}", R"(await_healthy {"interval_ms":500,"successes":2,"timeout_ms":180000})",
            "smoke_test {}", R"(shift {"percent":10,"service":"web"})", "traffic {}", R"(soak {"duration_ms":300000})",
            "check_gates {}", R"(confirm {"question":"sure?","timeout_ms":3600000})",
            R"(notify {"fields":{"number":1},"text":"hello"})", R"(retire_old {"hold_ms":3600000})", "stop_old {}",
            R"(set_flag {"name":"dark","value":true})", R"(migrate {"phase":"expand"})"});
  CHECK(play.recorder.places.at(0).file == "test.lua");
  CHECK(play.recorder.places.at(0).line == 2);
}

TEST_CASE("every primitive is one call with its arguments") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    return call.verb == "random.number" ? Outcome(Value(0.5)) : Outcome();
  };
  const auto outcome = play.run(R"lua(
    probe.http { url = "http://x/", timeout = "1s", status = 204 }
    probe.tcp { address = "127.0.0.1:80" }
    probe.command { command = { "true" }, env = { A = 1 } }
    http.request { url = "http://x/", method = "POST", body = "b", headers = { ["X-A"] = "1" } }
    exec.run({ "ls", "-l" }, { cwd = "/", idempotent = true })
    instances.start { service = "web", color = "green" }
    instances.list()
    proxy.set { service = "web", blue = 100, green = 0.0 }
    proxy.in_flight { service = "web", color = "blue" }
    metrics.query("up")
    clock.now() clock.date() clock.date("Europe/Zurich") clock.sleep(0.25)
    assert(random.number() == 0.5 and math.random(1, 10) == 6 and math.random(3) == 2)
    random.uuid()
    log.info("text") log.warn(12, { a = {} }) log.error("no")
    image.build { image = "shop:v2", context = ".", args = { N = 1, KEY = { ["$secret"] = { env = "KEY" } } } }
    image.tag { image = "shop:v2", as = "shop:latest" }
    image.push { image = "shop:v2", service = "web" })lua");
  CHECK(line_of(outcome) == "ok");
  CHECK(play.recorder.calls ==
        std::vector<std::string>{
            R"(probe.http {"status":204,"timeout_ms":1000,"url":"http://x/"})",
            R"(probe.tcp {"address":"127.0.0.1:80"})",
            R"(probe.command {"argv":["true"],"env":{"A":"1"}})",
            R"(http.request {"body":"b","headers":{"X-A":"1"},"method":"POST","url":"http://x/"})",
            R"(exec.run {"argv":["ls","-l"],"cwd":"/","idempotent":true})",
            R"(instances.start {"color":"green","service":"web"})",
            "instances.list {}",
            R"(proxy.set {"blue":100,"green":0,"service":"web"})",
            R"(proxy.in_flight {"color":"blue","service":"web"})",
            R"(metrics.query {"expression":"up"})",
            "clock.now {}",
            "clock.date {}",
            R"(clock.date {"zone":"Europe/Zurich"})",
            R"(clock.sleep {"duration_ms":250})",
            "random.number {}",
            "random.number {}",
            "random.number {}",
            "random.uuid {}",
            R"(log {"level":"info","text":"text"})",
            R"(log {"fields":{"a":[]},"level":"warn","text":"12"})",
            R"(log {"level":"error","text":"no"})",
            R"(image.build {"args":{"KEY":{"$secret":{"env":"KEY"}},"N":"1"},"context":".","image":"shop:v2"})",
            R"(image.tag {"as":"shop:latest","image":"shop:v2"})",
            R"(image.push {"image":"shop:v2","service":"web"})"});
}

TEST_CASE("the deploy object has the fields it was given and cannot be changed") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    assert(deploy.app == "shop" and deploy.id == "d1" and deploy.version == "v2" and deploy.live == "blue")
    assert(deploy.idle == "green" and deploy.services[2] == "web" and deploy.previous_version == "v1")
    assert(deploy.options == options))lua")) == "ok");
  CHECK(line_of(Play().run("deploy.version = 'v3'")) ==
        "test.lua:1: 'version' cannot be set: deploy cannot be changed (SH1209)");
  CHECK(line_of(Play().run("rawset(deploy, 'version', 'v3')")) == "test.lua:1: deploy cannot be changed (SH1209)");
  const auto outcome = Play().run("deploy:shiftt(10)");
  CHECK(line_of(outcome) == "test.lua:1: deploy has no 'shiftt' (SH1211)");
  CHECK(outcome.error->remedy == "did you mean 'shift'?");
}

TEST_CASE("a previous version that is not there is nil") {
  Play play;
  REQUIRE_FALSE(play.load(
      "return { api = 1, summary = 's', run = function(deploy) assert(deploy.previous_version == nil) end }"));
  auto performer = play.recorder.root();
  CHECK(line_of(play.recorder.run(play.script->run(*performer, Value{{"app", "shop"}}, {}))) == "ok");
}

TEST_CASE("wrong arguments are errors at the author's line, with the nearest name") {
  const auto message = [](const std::string& body) { return line_of(Play().run("\n" + body)); };
  CHECK(message("deploy:shift('ten')") ==
        "test.lua:2: deploy:shift wants a whole number from 0 to 100 as 'percent', got the string 'ten' (SH1207)");
  CHECK(message("deploy:shift(12.5)") ==
        "test.lua:2: deploy:shift wants a whole number from 0 to 100 as 'percent', got the number 12.5 (SH1207)");
  CHECK(message("deploy:shift()") ==
        "test.lua:2: deploy:shift wants a whole number from 0 to 100 as 'percent', got nothing (SH1207)");
  CHECK(message("deploy.shift(10)") == "test.lua:2: deploy:shift was called without its colon (SH1207)");
  CHECK(message("deploy:soak('5 minutes')").find("wants a duration") != std::string::npos);
  CHECK(message("deploy:run_checks(1)") ==
        "test.lua:2: deploy:run_checks got one argument too many: the number 1 (SH1207)");
  CHECK(message("probe.http { urll = 'x' }") == "test.lua:2: probe.http has no option 'urll' (SH1207)");
  CHECK(Play().run("probe.http { urll = 'x' }").error->remedy == "did you mean 'url'?");
  CHECK(message("probe.http {}") == "test.lua:2: probe.http needs the option 'url' (SH1207)");
  CHECK(message("image.build { image = 'shop:v2' }") == "test.lua:2: image.build needs the option 'context' (SH1207)");
  CHECK(message("image.build { image = 'x', context = '.', args = { A = {} } }") ==
        "test.lua:2: image.build wants a table of names and texts or secrets as 'args', got a table (SH1207)");
  CHECK(message("http.request { url = 'http://x/', headers = { A = { ['$secret'] = { env = 'A' } } } }")
            .find("wants a table of names and texts as 'headers'") != std::string::npos);
  CHECK(message("exec.run('ls -l')") ==
        "test.lua:2: exec.run wants a list of strings as 'argv', got the string 'ls -l' (SH1207)");
  CHECK(message("instances.stop { service = 'web', color = 'red' }").find("\"blue\" or \"green\"") !=
        std::string::npos);
  CHECK(message("log.info(print)").find("there is no global 'print'") != std::string::npos);
  CHECK(message("log.info('x', { f = function() end })") ==
        "test.lua:2: 'fields' of log.info.f is a function, which only the script itself can use (SH1204)");
}

TEST_CASE("an error of a call can be caught and looked at") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    Error error("SH1600", Kind::gate, "the gate 'errors' is at 0.2", "look");
    error.evidence = {{"value", 0.2}};
    error.step = "soak";
    error.retryable = true;
    return call.verb == "soak" ? Outcome(error) : Outcome();
  };
  CHECK(line_of(play.run(R"lua(
    local ok, problem = pcall(deploy.soak, deploy, "1m")
    assert(not ok and problem.code == "SH1600" and problem.kind == "gate" and problem.step == "soak" and problem.retryable)
    assert(problem.evidence.value == 0.2 and problem.where.line == 2 and problem.where.file == "test.lua")
    assert(tostring(problem) == "test.lua:2: the gate 'errors' is at 0.2 (SH1600)", tostring(problem))
    assert('why: ' .. problem == "why: test.lua:2: the gate 'errors' is at 0.2 (SH1600)")
    error(problem))lua")) == "test.lua:2: the gate 'errors' is at 0.2 (SH1600)");
}

TEST_CASE("a control error cannot be caught and nothing runs after it") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    Error error("SH1905", Kind::cancelled, "rejected");
    error.control = true;
    return call.verb == "confirm" ? Outcome(error) : Outcome();
  };
  const auto outcome = play.run(R"lua(
    pcall(function() deploy:confirm("sure?") end)
    log.info("never"))lua");
  REQUIRE(outcome.error);
  CHECK(outcome.error->control);
  CHECK(outcome.error->code == "SH1905");
  CHECK(play.recorder.calls.size() == 1);
}

TEST_CASE("undo functions are called by name, also after a control error, but not after a kill") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    Error error("SH1905", Kind::cancelled, "rejected");
    error.control = true;
    return call.verb == "confirm" ? Outcome(error) : Outcome();
  };
  const auto outcome = play.run(R"lua(
    deploy:on_rollback("flag", function() exec.run { "unflag" } end)
    deploy:confirm("sure?"))lua");
  CHECK(line_of(outcome) == "rejected (SH1905)");
  auto performer = play.recorder.root();
  CHECK(line_of(play.recorder.run(play.script->undo("flag", *performer))) == "ok");
  CHECK(play.recorder.calls.back() == R"(exec.run {"argv":["unflag"]})");
  CHECK(play.recorder.run(play.script->undo("other", *performer)).error->code == "SH1290");

  ScriptLimits limits;
  limits.instructions = 100'000;
  Play killed(limits);
  CHECK(killed.run("deploy:on_rollback('flag', function() end) while true do end").error->code == "SH1281");
  auto again = killed.recorder.root();
  CHECK(killed.recorder.run(killed.script->undo("flag", *again)).error->code == "SH1290");
}

TEST_CASE("a name for an undo is taken once") {
  CHECK(line_of(Play().run("deploy:on_rollback('a', function() end) deploy:on_rollback('a', function() end)")) ==
        "test.lua:1: deploy:on_rollback got a name that it knows already (SH1207)");
}

TEST_CASE("a phase ends also when its function fails") {
  Play play;
  CHECK(line_of(play.run(R"lua(
    assert(deploy:phase("one", function() return 7 end) == 7)
    deploy:phase("two", function()
      error("no")
    end))lua")) == "test.lua:4: no (SH1201)");
  CHECK(play.recorder.calls ==
        std::vector<std::string>{R"(phase {"name":"one","state":"begin"})", R"(phase {"name":"one","state":"end"})",
                                 R"(phase {"name":"two","state":"begin"})", R"(phase {"name":"two","state":"end"})"});
}

TEST_CASE("deploy:fail raises the author's own failure") {
  const auto outcome = Play().run("\n deploy:fail('not today', { errors = 3 })");
  CHECK(line_of(outcome) == "test.lua:2: not today (SH1210)");
  CHECK(outcome.error->kind == Kind::script);
  CHECK(outcome.error->evidence == Value{{"errors", 3}});
}

TEST_CASE("values come back as they were encoded") {
  Play play;
  play.recorder.answer = [](const Call& call) {
    if (call.verb == "metrics.query")
      return Outcome(Value{{"state", "ok"}, {"value", 1.0}, {"samples", 1}, {"list", {1, nullptr}}});
    return Outcome();
  };
  CHECK(line_of(play.run(R"lua(
    local answer = metrics.query("x")
    assert(math.type(answer.value) == "float" and math.type(answer.samples) == "integer")
    assert(answer.list[2] == json.null and answer.nothing == nil)
    log.info("x", { list = answer.list, float = 2.0, whole = 2, bytes = "\xff" }))lua")) == "ok");
  CHECK(play.recorder.calls.back().find(R"("float":2.0,"list":[1,null],"whole":2)") != std::string::npos);
}

TEST_CASE("what cannot leave the script is an error that names the place") {
  const auto message = [](const std::string& body) { return line_of(Play().run(body)); };
  CHECK(message("json.encode({ a = { 1, 2, [4] = 4 } })")
            .find("value for json.encode.a is a list with a hole: it has no element 3") != std::string::npos);
  CHECK(message("json.encode({ 1, a = 2 })").find("is a list and has named keys too") != std::string::npos);
  CHECK(message("json.encode({ [true] = 2 })").find("neither a string nor a whole number") != std::string::npos);
  CHECK(message("local t = {} t.t = t json.encode(t)").find("nested more than 64 tables deep") != std::string::npos);
  CHECK(message("json.encode(('x'):rep(2^20 // 1 | 0))").find("larger than 1 MiB") != std::string::npos);
}

TEST_CASE("a run can be had once") {
  Play play;
  CHECK(line_of(play.run("")) == "ok");
  CHECK(play.go().error->code == "SH1217");
}
