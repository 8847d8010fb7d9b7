#include "shunt/secrets.hpp"

namespace shunt {

bool is_secret(const Value& value) {
  return value.is_object() && value.size() == 1 && value.contains("$secret");
}

}  // namespace shunt
