#include "spec/app.hpp"

namespace shunt {

bool is_own_health(const Value& health);

namespace {

Key key(std::string name, Type type, std::string doc, Value fallback = nullptr) {
  Key result;
  result.name = std::move(name);
  result.type = type;
  result.doc = std::move(doc);
  result.fallback = std::move(fallback);
  return result;
}

Key required(Key given) {
  given.required = true;
  return given;
}

Key choice(std::string name, std::string doc, std::vector<std::string> values, Value fallback) {
  Key result = key(std::move(name), Type::string, std::move(doc), std::move(fallback));
  result.one_of = std::move(values);
  return result;
}

Key nested(std::string name, Type type, std::string doc, std::vector<Key> keys) {
  Key result = key(std::move(name), type, std::move(doc));
  result.nested = std::move(keys);
  return result;
}

Key later(std::string name, std::string reason) {
  Key result = key(std::move(name), Type::any, reason);
  result.later = std::move(reason);
  return result;
}

std::vector<Key> health_keys() {
  return {key("path", Type::string, "an HTTP path that answers 200 to 399 when the instance is ready"),
          key("status", Type::integer, "the one status that counts as ready"),
          key("tcp", Type::boolean, "ready when the port accepts a connection"),
          key("command", Type::strings, "ready when the command ends with 0"),
          key("host", Type::string, "overrides the instance's host"),
          key("port", Type::integer, "overrides the instance's port"),
          key("docker", Type::boolean, "ready when the container's own health check says so"),
          key("timeout", Type::duration, "how long to wait until it is ready (180s)", 180'000),
          key("interval", Type::duration, "between two looks (3s)", 3'000),
          key("successes", Type::integer, "good answers in a row that are needed (1)", 1)};
}

std::vector<Key> smoke_keys() {
  return {key("name", Type::string, "for messages"),
          key("method", Type::string, "HTTP method (GET)", "GET"),
          key("path", Type::string, "requested from the new instance directly"),
          key("headers", Type::map, "request headers"),
          key("status", Type::integer, "the status wanted (200 to 399)"),
          key("contains", Type::string, "must stand in the answer"),
          key("command", Type::strings, "a command that must end with 0"),
          key("timeout", Type::duration, "for the one test (10s)", 10'000)};
}

std::vector<Key> verify_keys() {
  return {required(key("url", Type::string, "requested through the proxy")),
          required(key("header", Type::string, "the response header that tells who answered")),
          required(key("equals", Type::string, "its value when the new version answers")),
          key("consecutive", Type::integer, "answers in a row that must be the new one at 100 % (5)", 5),
          key("timeout", Type::duration, "until it must have been seen (10s)", 10'000)};
}

std::vector<Key> gate_keys() {
  return {required(key("name", Type::string, "for messages")),
          key("query", Type::string, "an expression for the metrics provider that gives one number"),
          key("service", Type::string, "what {service} means in the query"),
          key("max", Type::number, "fails above this"),
          key("min", Type::number, "fails below this"),
          key("interval", Type::duration, "between two samples (5s)", 5'000),
          key("failures", Type::integer, "breaches in a row that make it fail (1)", 1),
          key("consecutive_errors", Type::integer, "failed queries in a row that make it `error` (4)", 4),
          choice("on_inconclusive", "what to do without enough evidence", {"pause", "promote", "rollback"}, "pause"),
          choice("on_error", "what to do when it cannot be measured", {"pause", "promote", "rollback"}, "pause"),
          key("approve_timeout", Type::duration, "how long a pause waits for `shunt approve` (10m)", 600'000),
          later("bad", "gates on counts come with the comparison test"),
          later("total", "gates on counts come with the comparison test"),
          later("compare", "the comparison with the old colour comes later"),
          later("tolerance", "the comparison with the old colour comes later"),
          later("max_ratio", "the comparison with the old colour comes later"),
          later("alpha", "the comparison with the old colour comes later"),
          later("beta", "the comparison with the old colour comes later"),
          later("min_events", "the comparison with the old colour comes later"),
          later("weight", "the comparison with the old colour comes later")};
}

std::vector<Key> service_keys() {
  return {required(key("runtime", Type::any, "what runs it: { type = \"process\", ... }")),
          nested("health", Type::table, "how to tell that an instance is ready", health_keys()),
          nested("smoke", Type::tables, "what must work before it gets traffic", smoke_keys()),
          key("proxy", Type::any, "what sends it requests: { type = ..., ... }"),
          nested("verify", Type::table, "how to see through the proxy who answers", verify_keys()),
          key("drain", Type::duration, "at most this long for requests in flight (30s)", 30'000),
          nested("stop", Type::table, "how to end an instance",
                 {key("signal", Type::string, "TERM, INT, QUIT, HUP, USR1, USR2 or KILL", "TERM"),
                  key("grace", Type::duration, "until it is killed (10s)", 10'000)}),
          key("after", Type::strings, "services that are launched and switched before this one"),
          key("singleton", Type::boolean,
              "must never run twice (a scheduler): the old one ends before the new one starts", false)};
}

std::vector<Key> check_keys() {
  return {required(key("name", Type::string, "for messages")),
          required(key("command", Type::strings, "must end with 0")),
          key("cwd", Type::string, "where it runs (the app file's folder)"),
          key("timeout", Type::duration, "for the one check (10m)", 600'000)};
}

std::vector<Key> window_keys() {
  return {key("days", Type::strings, "of mon, tue, wed, thu, fri, sat, sun (every day)"),
          key("hours", Type::string, "from-to, like 09:00-17:00 (the whole day)"),
          key("timezone", Type::string, "whose clock is meant, like Europe/Zurich (UTC)", "UTC"),
          nested("freeze", Type::tables, "days on which nothing is deployed",
                 {required(key("from", Type::string, "the first day, like 2026-12-20")),
                  required(key("to", Type::string, "the last day")), key("reason", Type::string, "for the refusal")})};
}

std::vector<Key> rollback_keys() {
  return {choice("mode", "what `shunt rollback` does", {"immediate", "gradual", "swap"}, "immediate"),
          key("over", Type::duration, "how long a gradual rollback takes (10m)", 600'000),
          key("timeout", Type::duration, "budget of a rollback, drains not counted (5m)", 300'000)};
}

}  // namespace

const Schema& channel_schema() {
  static const Schema schema{{key("on", Type::strings, "the events it is told of")}};
  return schema;
}

const Schema& app_schema() {
  static const Schema schema{{
      required(key("app", Type::string, "the app's name")),
      key("strategy", Type::string, "a bundled name, or a path to a .lua file"),
      key("options", Type::any, "for the strategy"),
      key("timeout", Type::duration, "of a whole deployment (1h)", 3'600'000),
      nested("checks", Type::tables, "commands that must pass before anything starts", check_keys()),
      required(key("services", Type::any, "name → service")),
      key("metrics", Type::any, "who answers the gates' queries: { type = ..., ... }"),
      nested("gates", Type::tables, "metrics with a limit", gate_keys()),
      nested("rollback", Type::table, "what `shunt rollback` does", rollback_keys()),
      key("notify", Type::any, "who is told how it ended: { { type = ..., on = { ... }, ... } }"),
      nested("window", Type::table, "when it may be deployed", window_keys()),
      later("migrations", "migrations come later"),
      later("flags", "feature flags come later"),
      later("capacity", "the capacity check comes later"),
  }};
  return schema;
}

int ways_of_health(const Value& health) {
  return int(health.contains("path")) + int(health.value("tcp", false)) + int(health.contains("command")) +
         int(is_own_health(health));
}

Error not_one_way(const std::string& path) {
  return Error("SH1002", Kind::config, path + " must have exactly one of path, tcp = true, command and docker = true",
               "a health check that cannot fail proves nothing: say how to tell that the service is ready")
      .with({{"path", path}});
}

bool is_own_health(const Value& health) {
  return health.value("docker", false);
}

const Schema& service_schema() {
  static const Schema schema{service_keys()};
  return schema;
}

}  // namespace shunt
