// Every error code: what it means and what to do. `shunt explain` and docs/errors.md are made from it.
#pragma once

#include <string_view>
#include <vector>

namespace shunt {

struct CodeInfo {
  std::string_view code;
  std::string_view title;    ///< what happened, a few words
  std::string_view meaning;  ///< why it is an error, one or two sentences
  std::string_view remedy;   ///< what to do
};

const std::vector<CodeInfo>& catalogue();

/// Nothing when there is no such code.
const CodeInfo* find_code(std::string_view code);

}  // namespace shunt
