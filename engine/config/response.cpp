#include <algorithm>

#include "shunt/http.hpp"

namespace shunt::http {

const std::string& Response::header(const std::string& name) const {
  static const std::string none;
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& each) { return each.first == name; });
  return found == headers.end() ? none : found->second;
}

}  // namespace shunt::http
