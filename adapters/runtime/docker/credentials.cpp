#include "adapters/runtime/docker/credentials.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "adapters/runtime/docker/base64.hpp"
#include "adapters/runtime/docker/reference.hpp"
#include "shunt/json.hpp"

namespace shunt::adapters::docker {

namespace {

constexpr Milliseconds helper_timeout{30'000};
constexpr std::string_view none_known = "credentials not found in native keychain";  ///< what every helper says
constexpr std::string_view token_user = "<token>";
constexpr std::size_t longest_words = 200;

Error bad_configuration(const std::string& file, const std::string& why) {
  return Error("SH1411", Kind::config, fmt::format("the logins of registries cannot be read from {}: {}", file, why),
               "correct the file, or log in again with `docker login`, as the user that runs shunt");
}

Error helper_failed(const std::string& helper, const std::string& why) {
  return Error("SH1412", Kind::config, fmt::format("docker-credential-{} gave no login: {}", helper, why),
               fmt::format("run `echo REGISTRY | docker-credential-{} get` as the user that runs shunt; install it, or "
                           "remove it from Docker's config.json and log in again",
                           helper));
}

std::string home_in_table() {
  std::array<char, 4096> room{};
  struct passwd entry = {};
  struct passwd* found = nullptr;
  const int failed = ::getpwuid_r(::geteuid(), &entry, room.data(), room.size(), &found);
  return failed == 0 && found != nullptr && found->pw_dir != nullptr ? found->pw_dir : "";
}

/// An object under `key`; an empty one where nothing stands there. Nothing when it is something else.
std::optional<Value> object_in(const Value& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return Value::object();
  if (!found->is_object()) return std::nullopt;
  return *found;
}

/// The same for a string.
std::optional<std::string> string_in(const Value& object, const std::string& key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "";
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

/// "ghcr.io" of "https://ghcr.io/v1/": how old clients wrote keys.
std::string_view host_of(std::string_view key) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (key.starts_with(scheme)) return key.substr(scheme.size(), key.find('/', scheme.size()) - scheme.size());
  return key.substr(0, key.find('/'));
}

const Value* find_auth(const Value& auths, const std::string& registry) {
  const auto exact = auths.find(registry);
  if (exact != auths.end()) return &*exact;
  for (const auto& [key, auth] : auths.items())
    if (host_of(key) == registry) return &auth;
  return nullptr;
}

/// "user:password" in base64. Zeros at its end are padding of old clients.
bool read_pair(const std::string& encoded, Login& login) {
  auto pair = from_base64(encoded);
  const auto colon = pair ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos) return false;
  login.user = pair->substr(0, colon);
  login.password = pair->substr(colon + 1);
  const auto end = login.password.find_last_not_of('\0');
  login.password.resize(end == std::string::npos ? 0 : end + 1);
  return true;
}

/// Nothing when it is malformed.
std::optional<Login> login_in(const Value& auth) {
  if (!auth.is_object()) return std::nullopt;
  const auto pair = string_in(auth, "auth");
  const auto user = string_in(auth, "username");
  const auto password = string_in(auth, "password");
  const auto token = string_in(auth, "identitytoken");
  if (!pair || !user || !password || !token) return std::nullopt;
  Login login;
  login.user = *user;
  login.password = *password;
  login.identity_token = *token;
  if (!pair->empty() && !read_pair(*pair, login)) return std::nullopt;
  return login;
}

Result<LoginSource> read_source(const std::filesystem::path& file, const std::string& registry) {
  std::error_code failed;
  const auto there = std::filesystem::status(file, failed);
  if (file.empty() || there.type() == std::filesystem::file_type::not_found) return LoginSource();
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (failed || !in || std::filesystem::is_directory(there))
    return bad_configuration(file, "it may not be read, or is no file");
  return find_login(text.str(), registry, file);
}

/// The first line of what a helper said, unless it looks like an answer, which has secrets in it.
std::string words_of(const std::string& out) {
  auto words = out.substr(0, out.find('\n')).substr(0, longest_words);
  for (char& byte : words)
    if (static_cast<unsigned char>(byte) < ' ') byte = ' ';
  return out.find_first_of("{\"") == std::string::npos ? words : "";
}

/// Nothing but the reason may be told of it: its evidence has the tails of what the helper wrote.
Error not_run(const std::string& helper, const Error& reason) {
  auto error = helper_failed(helper, reason.message);
  error.kind = reason.kind == Kind::timeout ? Kind::timeout : Kind::config;
  error.retryable = reason.retryable;
  return error;
}

Result<Login> understand_helper(const std::string& helper, const process::Finished& finished, const Secrets& secrets) {
  if (finished.code == 0 && !finished.truncated) return parse_helper_answer(finished.out, helper);
  if (finished.out.find(none_known) != std::string::npos) return Login();
  const auto words = secrets.mask(words_of(finished.out));
  return helper_failed(helper,
                       fmt::format("it ended with status {}{}{}", finished.code, words.empty() ? "" : ": ", words));
}

Task<Result<Login>> ask_helper(process::Spawner& processes, Secrets& secrets, std::string helper,
                               std::string registry) {
  process::Command command({"docker-credential-" + helper, "get"});
  command.input = std::move(registry);
  command.timeout = helper_timeout;
  command.observes = true;
  auto finished = co_await processes.run(std::move(command));
  if (!finished) co_return not_run(helper, finished.error());
  co_return understand_helper(helper, *finished, secrets);
}

void remember_all(Secrets& secrets, const Login& login) {
  secrets.remember(login.password);
  secrets.remember(login.identity_token);
}

/// AuthConfig of the Engine API.
Value to_api(const Login& login, const std::string& domain) {
  Value api = Value::object();
  if (!login.user.empty()) api["username"] = login.user;
  if (!login.password.empty()) api["password"] = login.password;
  if (!login.identity_token.empty()) api["identitytoken"] = login.identity_token;
  if (!login.empty()) api["serveraddress"] = registry_key(domain);
  return api;
}

}  // namespace

std::filesystem::path configuration_file(const Environment& variable) {
  const std::filesystem::path folder = variable("DOCKER_CONFIG");
  if (!folder.empty()) return folder / "config.json";
  std::filesystem::path home = variable("HOME");
  if (home.empty()) home = home_in_table();
  return home.empty() ? home : home / ".docker" / "config.json";
}

Result<LoginSource> find_login(std::string_view text, const std::string& registry, const std::string& file) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return LoginSource();  // as Docker takes it
  const auto config = parse_json(text);
  if (!config || !config->is_object()) return bad_configuration(file, "it is no JSON object");
  const auto helpers = object_in(*config, "credHelpers");
  const auto store = string_in(*config, "credsStore");
  const auto auths = object_in(*config, "auths");
  if (!helpers || !store || !auths)
    return bad_configuration(file, "`credHelpers` and `auths` must be objects, and `credsStore` a string");
  const auto helper = string_in(*helpers, registry);
  if (!helper || helper->find_first_of(std::string_view("/\0", 2)) != std::string::npos ||
      store->find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    return bad_configuration(file, "what stands in `credHelpers` or `credsStore` is no name of a helper");
  LoginSource source;
  source.helper = helper->empty() ? *store : *helper;
  const auto* auth = find_auth(*auths, registry);
  if (!source.helper.empty() || auth == nullptr) return source;
  auto login = login_in(*auth);
  if (!login) return bad_configuration(file, fmt::format("what stands in `auths` for {} is no login", registry));
  source.login = std::move(*login);
  return source;
}

Result<Login> parse_helper_answer(std::string_view out, const std::string& helper) {
  const auto answer = parse_json(out);
  const bool object = answer && answer->is_object();
  const auto user = object ? string_in(*answer, "Username") : std::nullopt;
  const auto secret = object ? string_in(*answer, "Secret") : std::nullopt;
  if (!user || !secret) return helper_failed(helper, "its answer is no JSON object with Username and Secret");
  Login login;
  if (*user == token_user) {
    login.identity_token = *secret;
  } else {
    login.user = *user;
    login.password = *secret;
  }
  return login;
}

Task<Result<Login>> login_for(process::Spawner& processes, Secrets& secrets, std::string registry,
                              std::filesystem::path file) {
  auto source = read_source(file, registry);
  if (!source) co_return std::move(source).error();
  auto login = std::move(source->login);
  if (!source->helper.empty()) {
    auto answer = co_await ask_helper(processes, secrets, source->helper, std::move(registry));
    if (!answer) co_return std::move(answer).error();
    login = std::move(*answer);
  }
  remember_all(secrets, login);
  co_return login;
}

std::string registry_auth_header(const Login& login, const std::string& domain) {
  return to_base64url(to_text(to_api(login, domain)));
}

std::string registry_config_header(const std::map<std::string, Login>& logins) {
  Value header = Value::object();
  for (const auto& [domain, login] : logins) header[registry_key(domain)] = to_api(login, domain);
  return to_base64url(to_text(header));
}

}  // namespace shunt::adapters::docker
