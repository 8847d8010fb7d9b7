// Labels, as a supervisor carries them: "shunt.app=shop".
#pragma once

#include <string>
#include <vector>

#include "shunt/runtime.hpp"

namespace shunt::adapters::process {

/// The labels of product.md, and `shunt.index` and `shunt.address`, which `list` has to know again.
std::vector<std::string> labels_of(const InstanceSpec& spec);

/// Sets labels, index and address of `state`; what is absent becomes empty, 0 or blue.
void read_labels(const std::vector<std::string>& labels, InstanceState& state);

}  // namespace shunt::adapters::process
