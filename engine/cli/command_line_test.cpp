#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include "cli/test_golden.hpp"

using namespace shunt;
using namespace shunt::cli;

namespace {

std::string refusal(const std::vector<std::string>& arguments) {
  const auto command = parse(arguments);
  REQUIRE(command.error);
  CHECK_FALSE(command.action);
  return command.error->code + ": " + command.error->message + " -> " + command.error->remedy;
}

}  // namespace

TEST_CASE("global options stand before or after the verb") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"-f", "a.lua", "--state", "s", "--json", "--color", "never", "-v", "deploy", "v2"},
           {"deploy", "v2", "-f", "a.lua", "--state", "s", "--json", "--color", "never", "-v"},
           {"deploy", "-f", "a.lua", "--json", "v2", "--state=s", "--color=never", "--verbose"}}) {
    const auto command = parse(arguments);
    CHECK_FALSE(command.error);
    CHECK(command.verb == "deploy");
    CHECK(command.action);
    CHECK(command.options.file == "a.lua");
    CHECK(command.options.state == "s");
    CHECK(command.options.json);
    CHECK(command.options.verbose);
    CHECK(command.options.color == Color::never);
  }
}

TEST_CASE("every verb of the table can be called, or says that it comes later") {
  for (const auto& verb : verbs()) {
    CAPTURE(verb.name);
    if (verb.declare == nullptr) {
      CHECK(refusal({std::string(verb.name)}) == "SH1004: the verb '" + std::string(verb.name) +
                                                     "' is not available yet -> use a version of shunt that has it");
      CHECK(refusal({std::string(verb.name), "v1", "--as", "blue"}).rfind("SH1004", 0) == 0);
      CHECK(refusal({std::string(verb.name), "--help"}).rfind("SH1004", 0) == 0);
      continue;
    }
    const auto help = parse({std::string(verb.name), "--help"});
    CHECK_FALSE(help.error);
    CHECK(help.text.find("Example:\n  shunt " + std::string(verb.name)) != std::string::npos);
    CHECK(help.text.find("--lock-fd") == std::string::npos);
  }
}

TEST_CASE("unknown words are answered with the nearest known one") {
  CHECK(refusal({"depoly", "v2"}) == "SH1951: there is no verb 'depoly' -> did you mean `shunt deploy`?");
  CHECK(refusal({"depoly", "status"}) == "SH1951: there is no verb 'depoly' -> did you mean `shunt deploy`?");
  CHECK(refusal({"migrate", "status"}).rfind("SH1004: the verb 'migrate'", 0) == 0);
  CHECK(refusal({"migrate", "status", "--help"}).rfind("SH1004: the verb 'migrate'", 0) == 0);
  CHECK(refusal({"depoly", "--help"}) == "SH1951: there is no verb 'depoly' -> did you mean `shunt deploy`?");
  CHECK(refusal({"xyzzy"}) == "SH1951: there is no verb 'xyzzy' -> `shunt --help` lists the verbs");
  CHECK(refusal({"deploy", "v2", "--stratgy", "gradual"}) ==
        "SH1952: `shunt deploy` has no option '--stratgy' -> did you mean --strategy?");
  CHECK(refusal({"deploy", "--froce"}) == "SH1952: `shunt deploy` has no option '--froce' -> did you mean --force?");
  CHECK(refusal({"status", "--jsn"}) == "SH1952: `shunt status` has no option '--jsn' -> did you mean --json?");
  CHECK(refusal({"--stat=x", "status"}) == "SH1952: `shunt` has no option '--stat' -> did you mean --state?");
  CHECK(refusal({"status", "-x"}) ==
        "SH1952: `shunt status` has no option '-x' -> `shunt status --help` lists the options");
}

TEST_CASE("bad usage is refused with what to do") {
  CHECK(refusal({}).rfind("SH1953: say what to do", 0) == 0);
  CHECK_FALSE(parse({}).text.empty());
  CHECK(refusal({"deploy"}).rfind("SH1953: `shunt deploy`: VERSION is required -> `shunt deploy --help`", 0) == 0);
  CHECK(refusal({"deploy", "v1", "v2"}).find("'v2' is one argument too many") != std::string::npos);
  CHECK(refusal({"deploy", "v1", "--set", "soak"}).find("'soak' is not KEY=VALUE") != std::string::npos);
  CHECK(refusal({"deploy", "v1", "--set", "=5"}).find("is not KEY=VALUE") != std::string::npos);
  CHECK(refusal({"deploy", "v1", "--set"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"deploy", "v1", "--force"}).find("--reason") != std::string::npos);
  CHECK(refusal({"status", "--color", "pink"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"status", "-q", "-v"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"repair", "--accept", "--due"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"resume", "--all", "some-id"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"rollback", "--mode", "slow"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"history", "-n", "0"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"history", "-n", "many"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"logs", "--only", "red"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"show", "--report", "x.pdf"}).find(".md, .html or .json") != std::string::npos);
  CHECK(refusal({"show", "--report", "x.md", "--follow"}).rfind("SH1953", 0) == 0);
  CHECK(refusal({"init", "--process", "--docker"}).rfind("SH1953", 0) == 0);
}

TEST_CASE("a word that is also a verb may be a version or a service") {
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {"deploy", "status"}, {"deploy", "test"}, {"logs", "check"}, {"explain", "show"}}) {
    const auto command = parse(arguments);
    CHECK_FALSE(command.error);
    CHECK(command.verb == arguments.front());
  }
}

TEST_CASE("--set may be given again, and takes nothing that is not its own") {
  CHECK_FALSE(parse({"deploy", "--set", "a=1", "--set", "b=x=y", "v2"}).error);
  CHECK_FALSE(parse({"plan", "v2", "--set=steps=5,25"}).error);
}

TEST_CASE("--version is the verb") {
  CHECK(parse({"--version"}).verb == "version");
}

TEST_CASE("help lists every verb that there is") {
  const auto help = parse({"--help"}).text;
  for (const auto& verb : verbs()) {
    CAPTURE(verb.name);
    CHECK((help.find("\n  " + std::string(verb.name) + " ") != std::string::npos) == (verb.declare != nullptr));
  }
  check_golden("help", help);
  check_golden("help_deploy", parse({"deploy", "--help"}).text);
}
