// What Caddy's admin API answers, read strictly: anything unexpected is an error, never a guess.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "shunt/error.hpp"
#include "shunt/value.hpp"

namespace shunt::caddy {

/// A part of the configuration. SH1503 when it is no JSON.
Result<Value> parse_document(std::string_view body);

/// Requests that each upstream is answering, websockets among them, by its address as the configuration spells it: the
/// answer to /reverse_proxy/upstreams. SH1503 when it is anything else.
Result<std::map<std::string, int>> parse_requests(std::string_view body);

/// Unix ms at which the process began, from the answer to /metrics; 0 where that does not say it.
std::int64_t parse_started(std::string_view metrics);

/// Caddy's command line, from the answer to /debug/pprof/cmdline.
std::vector<std::string> parse_arguments(std::string_view body);

/// Why something was refused: the text in {"error": TEXT}, else all of it; without control characters and all beyond
/// 300 bytes.
std::string reason_in(std::string_view body);

/// SH1503: `what` names what was asked for; the text goes into the evidence.
Error unexpected(const std::string& what, std::string_view text);

}  // namespace shunt::caddy
