#include "effects/verbs.hpp"

#include <string_view>
#include <unordered_map>

namespace shunt::effects {

namespace {

constexpr auto observe = EffectClass::observe;
constexpr auto ensure = EffectClass::ensure;
constexpr auto compare_and_set = EffectClass::compare_and_set;
constexpr auto keyed = EffectClass::keyed;
constexpr auto one_shot = EffectClass::one_shot;

constexpr auto primitive = Sort::primitive;
constexpr auto composite = Sort::composite;
constexpr auto note = Sort::note;

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all = {
      {"instances.prepare", primitive, ensure, "service, color", ""},
      {"instances.prune", primitive, ensure, "service, color, in_use, earlier", ""},
      {"instances.start", primitive, ensure, "service, color, index", "retire, registered by launch"},
      {"instances.stop", primitive, ensure, "service, color, id", ""},
      {"instances.adopt", primitive, ensure, "service, color, index, may_stop", "instances.disown"},
      {"instances.disown", primitive, ensure, "service, color, index", ""},
      {"instances.list", primitive, observe, "service, color", ""},
      {"instances.health", primitive, observe, "service, color, index", ""},
      {"instances.logs", primitive, observe, "service, color, lines", ""},
      {"proxy.get", primitive, observe, "service", ""},
      {"proxy.set", primitive, compare_and_set, "service, blue, green, mends", "restore, registered by shift"},
      {"proxy.close", primitive, ensure, "service, color", "restore, registered by shift"},
      {"proxy.in_flight", primitive, observe, "service, color", ""},
      {"probe.http", primitive, observe, "url, method, headers, timeout_ms, status", ""},
      {"probe.tcp", primitive, observe, "address, timeout_ms", ""},
      {"probe.command", primitive, observe, "argv, cwd, env, timeout_ms", ""},
      {"http.request", primitive, one_shot, "method, url, headers, body, timeout_ms", ""},
      {"exec.run", primitive, one_shot, "argv, cwd, env, stdin, timeout_ms, idempotent, probe", ""},
      {"image.build", primitive, ensure, "image, context, file, target, args, service", ""},
      {"image.tag", primitive, ensure, "image, as, service", ""},
      {"image.push", primitive, ensure, "image, service", ""},
      {"metrics.query", primitive, observe, "expression", ""},
      {"clock.now", primitive, observe, "", ""},
      {"clock.date", primitive, observe, "zone", ""},
      {"clock.sleep", primitive, observe, "duration_ms", ""},
      {"random.number", primitive, observe, "", ""},
      {"random.uuid", primitive, observe, "", ""},
      {"approval.wait", primitive, observe, "question, timeout_ms", ""},
      {"prompt.read", primitive, observe, "shown, failed", ""},
      {"script.undo", composite, one_shot, "name", ""},

      {"run_checks", composite, observe, "", ""},
      {"launch", composite, ensure, "service", "retire"},
      {"await_healthy", composite, observe, "color, timeout_ms, interval_ms, successes", ""},
      {"smoke_test", composite, observe, "color", ""},
      {"shift", composite, compare_and_set, "percent or blue and green, service", "restore"},
      {"swap_singletons", composite, ensure, "color", "swap_singletons"},
      {"traffic", composite, observe, "service", ""},
      {"soak", composite, observe, "duration_ms, service, color", ""},
      {"go_back_gradually", composite, compare_and_set, "over_ms", "restore, registered by shift"},
      {"check_gates", composite, observe, "service", ""},
      {"drain", composite, observe, "color, service", ""},
      {"retire", composite, ensure, "color, service, services", ""},
      {"retire_old", composite, ensure, "hold_ms", ""},
      {"stop_old", composite, ensure, "", "revive"},
      {"revive", composite, ensure, "color", ""},
      {"restore", composite, compare_and_set, "shares", ""},
      {"confirm", composite, observe, "question, timeout_ms", ""},
      {"rollback", composite, ensure, "", ""},
      {"look_again", composite, ensure, "rebooted, in_doubt, shares, cancelled", ""},

      {"phase", note, observe, "name, state", ""},
      {"on_rollback", note, observe, "name", ""},
      {"log", note, observe, "level, text, fields", ""},
      {"notify", note, keyed, "text, fields", ""},
  };
  return all;
}

const Verb* find_verb(std::string_view name) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, const Verb*> all;
    for (const auto& verb : verbs()) all.emplace(verb.name, &verb);
    return all;
  }();
  const auto found = by_name.find(name);
  return found == by_name.end() ? nullptr : found->second;
}

EffectClass effect_of(const Call& call) {
  const auto* verb = find_verb(call.verb);
  return verb == nullptr ? one_shot : effect_of(*verb, call.args);
}

EffectClass effect_of(const Verb& verb, const Value& args) {
  if (verb.effect != one_shot) return verb.effect;
  if (verb.name == "http.request") {
    const auto method = args.value("method", "GET");
    return method == "GET" || method == "HEAD" ? observe : one_shot;
  }
  return verb.name == "exec.run" && args.value("idempotent", false) ? ensure : one_shot;
}

}  // namespace shunt::effects
