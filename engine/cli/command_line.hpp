// From arguments to what shall be done.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "shunt/error.hpp"

namespace shunt::cli {

struct Command {
  Options options;
  std::string verb;
  Action action;               ///< empty where there is an error or a text
  std::string text;            ///< to print in place of doing anything: help
  std::optional<Error> error;  ///< bad usage: SH1004, SH1951, SH1952, SH1953
};

/// `arguments` without the program's name.
Command parse(const std::vector<std::string>& arguments);

}  // namespace shunt::cli
