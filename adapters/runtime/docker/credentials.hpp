// Logins of registries, from where `docker login` leaves them.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "shunt/process.hpp"
#include "shunt/secrets.hpp"

namespace shunt::adapters::docker {

/// How one registry is logged in to. All of it is secret but the user's name.
struct Login {
  std::string user;
  std::string password;
  std::string identity_token;  ///< from registries that give one in place of keeping the password

  Login() = default;

  /// Nobody: what is public can be had all the same.
  bool empty() const { return user.empty() && password.empty() && identity_token.empty(); }
};

/// What config.json says about one registry.
struct LoginSource {
  std::string helper;  ///< the program docker-credential-HELPER knows the login; empty: it is `login`
  Login login;

  LoginSource() = default;
};

/// The value of an environment variable, or "".
using Environment = std::function<std::string(const std::string& name)>;

/// $DOCKER_CONFIG/config.json, or .docker/config.json in $HOME; without it, in the home that this user has in the
/// system's table (services often have no $HOME). Empty where nobody has a home.
std::filesystem::path configuration_file(const Environment& variable);

/// Reads the text of config.json (https://docs.docker.com/reference/cli/docker/login/): a helper of its own in
/// `credHelpers`, then the one for all in `credsStore`, then what stands under `auths`. `registry` is a
/// `registry_key`; as with Docker an old key such as "https://ghcr.io/v1/" counts for "ghcr.io". SH1411, with `file` in
/// the message and never what stands in it.
Result<LoginSource> find_login(std::string_view text, const std::string& registry, const std::string& file);

/// What a helper wrote to standard output: {"ServerURL", "Username", "Secret"}; the user "<token>" means that the
/// secret is an identity token (https://github.com/docker/docker-credential-helpers). SH1412.
Result<Login> parse_helper_answer(std::string_view out, const std::string& helper);

/// The login for `registry` (a `registry_key`), or an empty one when there is none, or no `file`. A helper has 30 s.
/// Secrets are remembered, so that they are masked, and are in no error. SH1411 for the file, SH1412 for the helper.
/// Loop thread only; cancelling ends the helper.
Task<Result<Login>> login_for(process::Spawner& processes, Secrets& secrets, std::string registry,
                              std::filesystem::path file);

/// The value of X-Registry-Auth for a pull or push (https://docs.docker.com/reference/api/engine/ "Authentication"):
/// base64url of JSON. `domain` is that of the reference. An empty login gives an empty object, as the header must be
/// there for a push.
std::string registry_auth_header(const Login& login, const std::string& domain);

/// The value of X-Registry-Config for a build, which may need several registries (the same page, "Build an image"):
/// base64url of a JSON object from `registry_key` to login. `logins` are by domain.
std::string registry_config_header(const std::map<std::string, Login>& logins);

}  // namespace shunt::adapters::docker
