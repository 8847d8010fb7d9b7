// Labels of containers and images.
#pragma once

#include <string>

#include "shunt/runtime.hpp"
#include "shunt/value.hpp"

namespace shunt::adapters::docker {

/// The labels of product.md and, for `list` and `ensure`: `shunt.instance` (the instance's id), `shunt.index`,
/// `shunt.port` (the container's own), `shunt.spec` (what `spec_sha` says). Bytes that an engine would not give back as
/// they are stand as %XX.
Value labels_of(const InstanceSpec& spec);

/// What `labels_of` made of it: id, labels, index, spec_sha; false when it is not shunt's.
bool read_labels(const Value& labels, InstanceState& state);

}  // namespace shunt::adapters::docker
