// How long to wait before what ended is started again.
#pragma once

#include <chrono>

namespace shunt::supervise {

/// 100 ms, doubled each time up to 10 s; anew after a life of 10 s.
class Backoff {
 public:
  std::chrono::milliseconds after_life_of(std::chrono::milliseconds life);

 private:
  std::chrono::milliseconds next_{100};
};

}  // namespace shunt::supervise
