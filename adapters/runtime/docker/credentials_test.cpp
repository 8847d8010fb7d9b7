#include "adapters/runtime/docker/credentials.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <stdexcept>

#include "adapters/runtime/docker/base64.hpp"
#include "loop/run.hpp"
#include "process/posix.hpp"

namespace shunt::adapters::docker {

namespace {

const std::string hub_key = "https://index.docker.io/v1/";

/// Answers every command alike, and keeps the last one.
class OneAnswer : public process::Spawner {
 public:
  explicit OneAnswer(Result<process::Finished> answer) : answer_(std::move(answer)) {}

  Task<Result<process::Finished>> run(process::Command command) override {
    asked = std::move(command);
    auto answer = answer_;
    co_return answer;
  }

  process::Command asked;

 private:
  Result<process::Finished> answer_;
};

OneAnswer helper_says(std::string out, int code = 0) {
  process::Finished finished;
  finished.out = std::move(out);
  finished.code = code;
  return OneAnswer(finished);
}

class Remembered : public Secrets {
 public:
  std::set<std::string> values;

  Task<Result<std::string>> read(Value handle) override { co_return to_text(handle); }
  void remember(std::string value) override { values.insert(std::move(value)); }
  std::string mask(std::string text) const override { return text; }
  Value mask_all(Value value) const override { return value; }
  Task<Result<Value>> reveal(Value value) override { co_return value; }
};

/// A folder with a config.json.
class Configuration {
 public:
  explicit Configuration(const std::string& config) {
    std::string name = (std::filesystem::temp_directory_path() / "shunt-login-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a temporary folder");
    folder = name;
    if (!config.empty()) std::ofstream(file()) << config;
  }
  ~Configuration() { std::filesystem::remove_all(folder); }

  std::filesystem::path file() const { return folder / "config.json"; }

  std::filesystem::path folder;
};

Result<Login> login(process::Spawner& processes, Secrets& secrets, const std::string& registry,
                    const std::filesystem::path& file) {
  asio::io_context io;
  return loop::run(io, login_for(processes, secrets, registry, file));
}

/// user/password/token, or the helper's name, or the error's code.
std::string found(const std::string& config, const std::string& registry) {
  const auto source = find_login(config, registry, "config.json");
  if (!source) return source.error().code;
  if (!source->helper.empty()) return "ask " + source->helper;
  const auto& login = source->login;
  return login.empty() ? "none" : login.user + "/" + login.password + "/" + login.identity_token;
}

TEST_CASE("config.json says what a registry's login is, or who knows it") {
  const std::string some = R"({"auths": {
    "ghcr.io": {"auth": "dXNlcjpodW50ZXIy"},
    "https://index.docker.io/v1/": {"username": "hub", "password": "hunter3"},
    "https://old.example/v1/": {"auth": "dXNlcjpodW50ZXIy"},
    "plain.example/path": {"auth": "dXNlcjpodW50ZXIy"},
    "token.example": {"auth": "dXNlcjo=", "identitytoken": "hunter4"},
    "colons.example": {"auth": "dXNlcjphOmI6Yw=="},
    "padded.example": {"auth": "dXNlcjphAAA="},
    "both.example": {"auth": "dXNlcjpodW50ZXIy", "username": "other", "password": "other", "email": 7},
    "empty.example": {}, "null.example": {"auth": null}
  }, "HttpHeaders": {"A": "b"}, "credHelpers": {"helped.example": "pass"}})";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"ghcr.io", "user/hunter2/"},        {hub_key, "hub/hunter3/"},
      {"old.example", "user/hunter2/"},    {"plain.example", "user/hunter2/"},
      {"token.example", "user//hunter4"},  {"colons.example", "user/a:b:c/"},
      {"padded.example", "user/a/"},       {"both.example", "user/hunter2/"},
      {"empty.example", "none"},           {"null.example", "none"},
      {"nobody.example", "none"},          {"helped.example", "ask pass"},
      {"index.docker.io", "hub/hunter3/"},
  };
  for (const auto& one : cases) CHECK_MESSAGE(found(some, one.first) == one.second, one.first);
  for (const char* nothing : {"", " \n", "{}", R"({"auths": null})", R"({"credsStore": ""})"})
    CHECK(found(nothing, "r") == "none");
  const auto* with_store = R"({"credsStore": "secretservice", "credHelpers": {"g.io": "gcloud", "no.io": ""},
                               "auths": {"ghcr.io": {"auth": "dXNlcjpodW50ZXIy"}}})";
  CHECK(found(with_store, "ghcr.io") == "ask secretservice");
  CHECK(found(with_store, "g.io") == "ask gcloud");
  CHECK(found(with_store, "no.io") == "ask secretservice");
}

TEST_CASE("a malformed config.json is named, and nothing of it is told") {
  for (const char* config :
       {"{", "[]", "\"hunter2\"", "{\"hunter2\"}", R"({"auths": ["hunter2"]})", R"({"auths": {"r": "hunter2"}})",
        R"({"auths": {"r": {"auth": "hunter2!"}}})", R"({"auths": {"r": {"auth": "aHVudGVyMg=="}}})",
        R"({"auths": {"r": {"auth": ["hunter2"]}}})", R"({"auths": {"r": {"password": 7, "username": "hunter2"}}})",
        R"({"credsStore": {"a": "hunter2"}})", R"({"credsStore": "../hunter2"})", R"({"credHelpers": "hunter2"})",
        R"({"credHelpers": {"r": ["hunter2"]}})", R"({"credHelpers": {"r": "/bin/hunter2"}})",
        "{\"credsStore\": \"a\\u0000hunter2\"}"}) {
    const auto source = find_login(config, "r", "/home/x/.docker/config.json");
    REQUIRE_MESSAGE(!source, std::string(config));
    CHECK(source.error().code == "SH1411");
    CHECK(source.error().kind == Kind::config);
    CHECK(source.error().message.find("/home/x/.docker/config.json") != std::string::npos);
    CHECK(!source.error().remedy.empty());
    CHECK(to_text(to_value(source.error())).find("hunter2") == std::string::npos);
  }
}

TEST_CASE("what is wrong with one registry's entry does not concern another") {
  CHECK(found(R"({"auths": {"bad": {"auth": "!"}, "r": {"auth": "YTpi"}}})", "r") == "a/b/");
}

TEST_CASE("a helper is asked without a shell, and its answer is a login") {
  Configuration place(R"({"credsStore": "pass"})");
  Remembered secrets;
  auto helper = helper_says(R"({"ServerURL": "ghcr.io", "Username": "user", "Secret": "hunter2"})");
  const auto known = login(helper, secrets, "ghcr.io", place.file());
  REQUIRE(known);
  CHECK(known->user == "user");
  CHECK(known->password == "hunter2");
  CHECK(known->identity_token.empty());
  CHECK(secrets.values.contains("hunter2"));
  CHECK(helper.asked.argv == std::vector<std::string>{"docker-credential-pass", "get"});
  CHECK(helper.asked.input == "ghcr.io");
  CHECK(helper.asked.timeout == Milliseconds(30'000));
  CHECK(helper.asked.observes);
}

TEST_CASE("the user <token> of a helper means an identity token") {
  Configuration place(R"({"credHelpers": {"r": "pass"}})");
  Remembered secrets;
  auto helper = helper_says(R"({"Username": "<token>", "Secret": "hunter2"})");
  const auto known = login(helper, secrets, "r", place.file());
  REQUIRE(known);
  CHECK(known->user.empty());
  CHECK(known->password.empty());
  CHECK(known->identity_token == "hunter2");
  CHECK(secrets.values.contains("hunter2"));
}

TEST_CASE("a helper that knows nothing gives no login") {
  Configuration place(R"({"credsStore": "pass"})");
  Remembered secrets;
  auto helper = helper_says("credentials not found in native keychain\n", 1);
  const auto known = login(helper, secrets, "r", place.file());
  REQUIRE(known);
  CHECK(known->empty());
}

TEST_CASE("a helper that fails is named, and no secret is told") {
  Configuration place(R"({"credsStore": "pass"})");
  const std::string answer = R"({"Username": "user", "Secret": "hunter2"})";
  process::Finished cut;
  cut.out = answer;
  cut.truncated = true;
  Error late("SH1712", Kind::timeout, "docker-credential-pass did not finish within 30s and was ended", "wait");
  late.retryable = true;
  late.evidence = {{"stdout", answer}};
  const Error missing("SH1711", Kind::adapter, "cannot start docker-credential-pass: there is no program", "look");
  for (const Result<process::Finished>& result : std::vector<Result<process::Finished>>{
           Result<process::Finished>(cut), Result<process::Finished>(late), Result<process::Finished>(missing)}) {
    OneAnswer helper(result);
    Remembered secrets;
    const auto known = login(helper, secrets, "r", place.file());
    REQUIRE(!known);
    CHECK(known.error().code == "SH1412");
    CHECK(known.error().message.find("docker-credential-pass") != std::string::npos);
    CHECK(known.error().remedy.find("docker-credential-pass get") != std::string::npos);
    CHECK(known.error().retryable == (!result && result.error().retryable));
    CHECK(to_text(to_value(known.error())).find("hunter2") == std::string::npos);
  }
  for (const auto& said : {answer, "\n" + answer, std::string("\"hunter2\"")}) {
    auto helper = helper_says(said, 1);
    Remembered secrets;
    const auto known = login(helper, secrets, "r", place.file());
    REQUIRE(!known);
    CHECK(known.error().message == "docker-credential-pass gave no login: it ended with status 1");
  }
  for (const char* said :
       {"hunter2", "[]", R"({"Secret": 1, "Username": "hunter2"})", R"({"Secret": ["hunter2"]})", ""}) {
    auto helper = helper_says(said);
    Remembered secrets;
    const auto known = login(helper, secrets, "r", place.file());
    if (known) CHECK(known->empty());
    if (!known) CHECK(to_text(to_value(known.error())).find("hunter2") == std::string::npos);
  }
  auto helper = helper_says("gpg: decryption failed\nmore", 2);
  Remembered secrets;
  CHECK(login(helper, secrets, "r", place.file()).error().message ==
        "docker-credential-pass gave no login: it ended with status 2: gpg: decryption failed");
}

TEST_CASE("a real helper is found in PATH and reads the registry from its input") {
  Configuration place(R"({"credsStore": "shunt-test"})");
  const auto program = place.folder / "docker-credential-shunt-test";
  std::ofstream(program)
      << "#!/bin/sh\nread -r registry\nprintf '{\"Username\":\"%s\",\"Secret\":\"%s\"}' \"$1\" \"$registry\"\n";
  ::chmod(program.c_str(), 0755);
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", (place.folder.string() + ":" + path).c_str(), 1);
  process::Posix processes;
  Remembered secrets;
  const auto known = login(processes, secrets, "ghcr.io", place.file());
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(known);
  CHECK(known->user == "get");
  CHECK(known->password == "ghcr.io");
}

TEST_CASE("passwords in the file are remembered, too; a file that is not there holds none") {
  Remembered secrets;
  auto nobody = helper_says("");
  Configuration place(R"({"auths": {"r": {"auth": "dXNlcjpodW50ZXIy"}, "t": {"identitytoken": "hunter4"}}})");
  REQUIRE(login(nobody, secrets, "r", place.file()));
  REQUIRE(login(nobody, secrets, "t", place.file()));
  CHECK(secrets.values.contains("hunter2"));
  CHECK(secrets.values.contains("hunter4"));
  CHECK(nobody.asked.argv.empty());
  for (const auto& file : {place.folder / "nothing.json", place.file() / "below a file", std::filesystem::path()}) {
    const auto none = login(nobody, secrets, "r", file);
    REQUIRE(none);
    CHECK(none->empty());
  }
  const auto folder = login(nobody, secrets, "r", place.folder);
  REQUIRE(!folder);
  CHECK(folder.error().code == "SH1411");
}

TEST_CASE("the file is where Docker looks for it") {
  std::map<std::string, std::string> variables;
  const auto file = [&] {
    return configuration_file([&](const std::string& name) { return variables[name]; }).string();
  };
  CHECK(file().ends_with("/.docker/config.json"));  // this user's home, as the system knows it
  variables["HOME"] = "/home/x";
  CHECK(file() == "/home/x/.docker/config.json");
  variables["DOCKER_CONFIG"] = "/etc/docker-client";
  CHECK(file() == "/etc/docker-client/config.json");
}

TEST_CASE("the header for a registry is JSON in base64url") {
  const auto header = [](const Login& login, const std::string& domain) {
    auto text = registry_auth_header(login, domain);
    for (char& digit : text) digit = digit == '-' ? '+' : digit == '_' ? '/' : digit;
    return Value::parse(from_base64(text).value());
  };
  Login login;
  CHECK(registry_auth_header(login, "docker.io") == "e30=");
  login.user = "user";
  login.password = "hunter2\xc3\xbf";
  CHECK(header(login, "docker.io") ==
        Value({{"username", "user"}, {"password", "hunter2\xc3\xbf"}, {"serveraddress", hub_key}}));
  login = Login();
  login.identity_token = "hunter4";
  CHECK(header(login, "ghcr.io") == Value({{"identitytoken", "hunter4"}, {"serveraddress", "ghcr.io"}}));
}

TEST_CASE("the header of a build has a login for each registry, under the name that Docker knows it by") {
  std::map<std::string, Login> logins;
  CHECK(registry_config_header(logins) == "e30=");
  logins["docker.io"].identity_token = "hunter4";
  logins["ghcr.io"].user = "user";
  logins["ghcr.io"].password = "hunter2";
  CHECK(Value::parse(from_base64(registry_config_header(logins)).value()) ==
        Value({{hub_key, {{"identitytoken", "hunter4"}, {"serveraddress", hub_key}}},
               {"ghcr.io", {{"username", "user"}, {"password", "hunter2"}, {"serveraddress", "ghcr.io"}}}}));
}

}  // namespace

}  // namespace shunt::adapters::docker
