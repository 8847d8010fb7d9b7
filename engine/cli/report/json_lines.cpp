#include "cli/report/json_lines.hpp"

#include <fmt/format.h>

#include "shunt/duration.hpp"

namespace shunt::cli {

std::string json_line(const Event& event) {
  auto fields = event.fields.is_object() ? event.fields : Value::object();
  for (const auto* taken : {"time", "event", "deployment"}) fields.erase(taken);
  const auto rest = to_text(fields);
  return fmt::format("{{\"time\":{},\"event\":{},\"deployment\":{}{}{}\n", to_text(to_timestamp(event.time)),
                     to_text(event.name), to_text(event.deployment), fields.empty() ? "" : ",", rest.substr(1));
}

}  // namespace shunt::cli
