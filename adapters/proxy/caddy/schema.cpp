#include "adapters/proxy/caddy/schema.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

namespace shunt::caddy {

namespace {

bool is_name_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

Key string_key(const char* name, const char* doc, const char* fallback = nullptr) {
  Key key;
  key.name = name;
  key.doc = doc;
  if (fallback != nullptr) key.fallback = fallback;
  return key;
}

std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  return text;
}

}  // namespace

Schema schema_of_caddy() {
  auto how = string_key("switch",
                        "\"file\": Caddy looks for a file at every request; \"api\": each switch loads a "
                        "configuration",
                        "api");
  how.one_of = {"api", "file"};
  auto folder = string_key("folder", "for switch = \"file\": where shunt keeps the file, and routes for the Caddyfile");
  folder.path = true;
  auto policy = string_key("policy",
                           "for switch = \"file\", who stays on one version: nobody, a client with its cookie, "
                           "or an address",
                           "random");
  policy.one_of = {"random", "cookie", "ip_hash"};
  auto reload = string_key("reload", "for switch = \"file\": command that lets Caddy take up new addresses");
  reload.type = Type::strings;
  reload.fallback = {"caddy", "reload", "--config", "/etc/caddy/Caddyfile", "--force"};
  auto timeout = string_key("timeout", "for all that one look or one setting of weights takes");
  timeout.type = Type::duration;
  timeout.fallback = 10'000;
  Schema schema;
  schema.keys = {how,
                 string_key("admin", "Caddy's admin API: a URL, or a unix socket", "http://127.0.0.1:2019"),
                 string_key("id", "for switch = \"api\": the @id of the reverse_proxy handler"),
                 string_key("path", "for switch = \"api\", instead of id: its path, \"/config/apps/http/...\""),
                 folder,
                 string_key("service", "for switch = \"file\": what the files' names begin with", "{service}"),
                 policy,
                 reload,
                 timeout};
  return schema;
}

std::string lines_to_paste() {
  return R"(# inside the site, for switch = "file"; by the ? Caddy starts, too, while there is no file of that name yet:
import {folder}/{service}.cadd?

# for switch = "api" the configuration is JSON, and its reverse_proxy handler has an @id:
#   { "@id": "{id}", "handler": "reverse_proxy", "upstreams": [ { "dial": "127.0.0.1:3000" } ] }
# Start Caddy with --resume, so that it keeps the shares over a restart.
)";
}

bool is_service_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_letter);
}

bool is_plain_folder(const std::string& path) {
  constexpr std::string_view special = "{}*?[]\\\"`";
  return path.starts_with('/') && std::all_of(path.begin(), path.end(), [&](unsigned char c) {
           return c >= ' ' && c != 127 && special.find(static_cast<char>(c)) == std::string_view::npos;
         });
}

Error bad_admin(const std::string& admin) {
  return Error("SH1002", Kind::config, fmt::format("'{}' in `admin` is no address of an API", printable(admin)),
               "give a URL such as http://127.0.0.1:2019, or unix//run/caddy/admin.sock");
}

Error bad_service(const std::string& name) {
  return Error("SH1002", Kind::config,
               fmt::format("'{}' in `service` is no name of letters, digits, '-' and '_'", printable(name)),
               "leave the key out, or give such a name");
}

Error no_folder() {
  return Error("SH1003", Kind::config, "switch = \"file\" needs the key `folder`",
               "name a folder of shunt's own that Caddy may enter");
}

Error bad_folder(const std::string& folder) {
  return Error("SH1002", Kind::config,
               fmt::format("`folder` cannot be '{}': it is a whole path without control characters, quotes and any of "
                           "{{}}*?[]\\",
                           printable(folder)),
               "name it /var/lib/shunt/caddy, for example");
}

Error no_command() {
  return Error("SH1002", Kind::config, "`reload` is an empty command", "leave the key out, or give a program");
}

Error no_handler() {
  return Error("SH1003", Kind::config, "switch = \"api\" needs one of the keys `id` and `path`",
               "name the @id of the reverse_proxy handler");
}

Error bad_path(const std::string& path) {
  return Error("SH1002", Kind::config,
               fmt::format("'{}' in `path` is no path in Caddy's configuration", printable(path)),
               "begin it with /config/, and write letters, digits, '-', '_', '.', ':' and '/'");
}

}  // namespace shunt::caddy
