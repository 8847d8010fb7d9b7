// Baselines: what a switch needs of HAProxy's runtime socket and of the disk, without shunt.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "harness/haproxy.hpp"

namespace shunt::bench {

/// Weight of each server of the backend, as HAProxy says it now.
std::map<std::string, int> weights_of(const harness::Haproxy& proxy);

/// One server raised, read back, the other lowered, read back: what a switch cannot do without. The milliseconds it
/// takes. Throws std::runtime_error when HAProxy does something else.
double switch_by_hand(const harness::Haproxy& proxy, const std::string& raised, const std::string& lowered);

/// A page appended to a file and synced, what a journal does before each effect: the milliseconds it takes.
double write_and_sync(const std::filesystem::path& file);

}  // namespace shunt::bench
