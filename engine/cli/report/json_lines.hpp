// One JSON object per line, for programs.
#pragma once

#include <string>

#include "cli/report/plain.hpp"

namespace shunt::cli {

/// {"time":"...","event":"...","deployment":"...", and the event's fields}, with the line break.
std::string json_line(const Event& event);

class JsonLines : public Reporter {
 public:
  explicit JsonLines(Write write) : write_(std::move(write)) {}
  void report(const Event& event) override { write_(json_line(event)); }

 private:
  Write write_;
};

}  // namespace shunt::cli
