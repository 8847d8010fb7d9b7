// Waiting for a condition, instead of sleeping and hoping.
#pragma once

#include <chrono>
#include <functional>

namespace shunt::harness {

/// Asks `condition` every `step` until it is true or `limit` is over; its last answer. It is asked at least once.
bool eventually(std::chrono::milliseconds limit, const std::function<bool()>& condition,
                std::chrono::milliseconds step = std::chrono::milliseconds(5));

}  // namespace shunt::harness
