// What is new at the end of a text that is read again and again.
#pragma once

#include <string>
#include <vector>

namespace shunt::cli {

/// Given the last lines of a growing text each time, tells which of them were not there before.
class Tail {
 public:
  /// The lines of `now` that follow what the last call was given; all of them where nothing fits together.
  std::vector<std::string> take(std::vector<std::string> now);

 private:
  std::vector<std::string> before_;
};

}  // namespace shunt::cli
