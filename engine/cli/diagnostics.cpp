#include "cli/diagnostics.hpp"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "cli/report/text.hpp"

namespace shunt::cli {

Diagnostics::Diagnostics() {
  logger_ = std::make_shared<spdlog::logger>("shunt", std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger_->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  logger_->set_level(spdlog::level::debug);
  logger_->set_error_handler([](const std::string&) {});  // nobody reads standard error any more
}

void Diagnostics::say(const std::string& text) {
  logger_->debug(printable(text));
}

void Diagnostics::say(const Event& event) {
  logger_->debug(printable(fmt::format("{} {} {}", event.deployment, event.name, to_text(event.fields))));
}

}  // namespace shunt::cli
