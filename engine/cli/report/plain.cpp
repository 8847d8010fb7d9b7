#include "cli/report/plain.hpp"

#include <fmt/format.h>

#include "cli/report/narration.hpp"
#include "shunt/duration.hpp"

namespace shunt::cli {

void Plain::report(const Event& event) {
  write_(fmt::format("{} {}\n", to_timestamp(event.time), narrate(event)));
}

void Quiet::report(const Event& event) {
  if (event.name == "ended") write_(narrate_end(event.fields) + "\n");
}

}  // namespace shunt::cli
