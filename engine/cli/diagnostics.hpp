// What `-v` logs to standard error.
#pragma once

#include <memory>
#include <string>

#include "shunt/events.hpp"

namespace spdlog {
class logger;
}

namespace shunt::cli {

/// Lines for whoever looks for the reason of something; made when -v asks for them.
class Diagnostics {
 public:
  Diagnostics();
  void say(const std::string& text);
  void say(const Event& event);

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace shunt::cli
