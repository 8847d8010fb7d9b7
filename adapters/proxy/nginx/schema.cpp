#include "adapters/proxy/nginx/schema.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <string_view>

namespace shunt::nginx {

namespace {

bool is_word(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Key string_key(const char* name, const char* doc) {
  Key key;
  key.name = name;
  key.doc = doc;
  return key;
}

Key path_key(const char* name, const char* doc) {
  auto key = string_key(name, doc);
  key.path = true;
  return key;
}

Key command_key(const char* name, Value fallback, const char* doc) {
  auto key = string_key(name, doc);
  key.type = Type::strings;
  key.fallback = std::move(fallback);
  return key;
}

}  // namespace

Schema schema_of_nginx() {
  auto upstream = string_key("upstream", "name of the upstream: letters, digits and underscores");
  upstream.required = true;
  auto file = path_key("file", "the file that shunt writes, which nginx.conf includes inside `http`");
  file.required = true;
  auto how =
      string_key("switch", "\"link\": nginx follows a link at every request; \"reload\": each switch is a reload");
  how.fallback = "reload";
  how.one_of = {"reload", "link"};
  const auto link = path_key("link", "the symbolic link that nginx's `root` names, for switch = \"link\"");
  auto split =
      string_key("split", "who stays on one version, for switch = \"link\": \"$remote_addr\", \"$cookie_user\"");
  split.fallback = "$request_id";
  auto pid_file = path_key("pid_file", "nginx's `pid` file");
  pid_file.fallback = "/run/nginx.pid";
  Key timeout = string_key("timeout", "for test, reload, and until the new workers alone accept requests");
  timeout.type = Type::duration;
  timeout.fallback = 10'000;
  Schema schema;
  schema.keys = {upstream,
                 file,
                 how,
                 link,
                 split,
                 command_key("test", {"nginx", "-t"}, "command that checks nginx's configuration"),
                 command_key("reload", {"nginx", "-s", "reload"}, "command that lets nginx take it up"),
                 pid_file,
                 timeout};
  return schema;
}

std::string lines_to_paste() {
  return R"(# inside http { }; {file} must be there before nginx starts. Until the first deployment it holds one line:
#   map "" $shunt_{upstream} { default ""; }              (switch = "link")
#   upstream {upstream} { server 127.0.0.1:9 down; }      (switch = "reload")
include {file};

# inside the location, for switch = "link":
root {link};
proxy_pass http://$shunt_{upstream};

# inside the location, for switch = "reload":
proxy_pass http://{upstream};
)";
}

bool is_upstream_name(const std::string& name) {
  return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) { return is_word(c); });
}

bool is_split(const std::string& split) {
  constexpr std::string_view marks = "$.:|-";
  return split.find('$') != std::string::npos && std::all_of(split.begin(), split.end(), [&](unsigned char c) {
           return is_word(c) || marks.find(static_cast<char>(c)) != std::string_view::npos;
         });
}

bool is_quotable(const std::string& path) {
  return std::all_of(path.begin(), path.end(), [](unsigned char c) { return c >= ' ' && c != 127 && c != '$'; });
}

Error no_upstream_name(const std::string& name) {
  return Error("SH1504", Kind::config, fmt::format("'{}' in `upstream` is no name of letters, digits and '_'", name),
               "give the upstream such a name");
}

Error no_split(const std::string& split) {
  return Error("SH1002", Kind::config,
               fmt::format("'{}' in `split` names no variable of nginx, or has other characters than letters, digits, "
                           "'$', '_', '.', ':', '|' and '-'",
                           split),
               "say \"$request_id\", \"$remote_addr\" or \"$cookie_NAME\"");
}

Error no_command(const std::string& key) {
  return Error("SH1002", Kind::config, fmt::format("`{}` is an empty command", key),
               "leave the key out, or give a program");
}

Error no_link() {
  return Error("SH1003", Kind::config, "switch = \"link\" needs the key `link`",
               "name the symbolic link that nginx's `root` names");
}

Error bad_link(const std::string& link) {
  auto shown = link;
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < ' ' || c == 127; }, '?');
  return Error("SH1002", Kind::config,
               fmt::format("`link` cannot be '{}': it is a whole path without control characters and '$', and its name "
                           "is none of those that shunt gives to the folders beside it",
                           shown),
               "name it \"live\", for example");
}

}  // namespace shunt::nginx
