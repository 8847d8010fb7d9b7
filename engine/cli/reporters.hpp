// Which Reporter suits whoever watches.
#pragma once

#include <memory>

#include "cli/options.hpp"
#include "cli/report/output.hpp"
#include "cli/report/style.hpp"
#include "shunt/events.hpp"

namespace shunt::cli {

/// Colours and marks for `output`, by --color, NO_COLOR, TERM and the locale.
Style style_for(const Options& options, const Output& output);

/// Whether this is a job of GitHub Actions.
bool on_github();

/// JSON with --json, the end alone with -q, workflow commands on GitHub, a live line on a terminal, else plain lines.
/// It refers to `output`.
std::unique_ptr<Reporter> make_reporter(const Options& options, Output& output);

}  // namespace shunt::cli
