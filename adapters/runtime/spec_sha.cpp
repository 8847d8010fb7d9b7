#include "adapters/runtime/spec_sha.hpp"

#include "shunt/value.hpp"

namespace shunt::adapters {

std::string spec_sha(const InstanceSpec& spec) {
  const Value facts = {{"app", spec.labels.app},
                       {"service", spec.labels.service},
                       {"color", text_of(spec.labels.color)},
                       {"version", spec.labels.version},
                       {"index", spec.index},
                       {"address", spec.address},
                       {"config", spec.config},
                       {"stop_signal", spec.stop_signal},
                       {"stop_grace", spec.stop_grace.count()}};
  return sha256(encode(facts));
}

}  // namespace shunt::adapters
