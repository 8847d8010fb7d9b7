#include "adapters/proxy/caddy/caddy_proxy.hpp"

#include <memory>

#include "adapters/proxy/caddy/api_switch.hpp"
#include "adapters/proxy/caddy/file_switch.hpp"
#include "adapters/proxy/caddy/schema.hpp"

namespace shunt::adapters {

Adapter<Proxy> caddy_proxy() {
  Adapter<Proxy> adapter;
  adapter.info.kind = "proxy";
  adapter.info.name = "caddy";
  adapter.info.status = "stable";
  adapter.info.summary = "shifts the requests of a Caddy, by a file that it looks for or by its admin API";
  adapter.info.schema = caddy::schema_of_caddy();
  adapter.info.paste = caddy::lines_to_paste();
  adapter.info.operations = {{"observe", EffectClass::observe}, {"apply", EffectClass::compare_and_set}};
  adapter.make = [](Context& context, const Value& config) -> std::unique_ptr<Proxy> {
    if (config.at("switch") == "file") return std::make_unique<CaddyFileSwitch>(context, config);
    return std::make_unique<CaddyApiSwitch>(context, config);
  };
  return adapter;
}

}  // namespace shunt::adapters
