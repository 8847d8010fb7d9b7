#include <fmt/format.h>

#include "cli/report/documents.hpp"
#include "cli/report/text.hpp"

namespace shunt::cli {

std::string doctor_text(const Value& document, const Style& style) {
  std::string text;
  int bad = 0;
  for (const auto& finding : member(document, "findings")) {
    const bool fine = finding.value("fine", false);
    text += fmt::format("{} {}\n", fine ? style.done_mark() : style.failed_mark(), text_at(finding, "what"));
    if (fine) continue;
    ++bad;
    text += fmt::format("    {}\n", text_at(finding, "remedy"));
  }
  return text + (bad == 0 ? "all is well\n" : fmt::format("{} to look after\n", bad));
}

}  // namespace shunt::cli
