#include <string>
#include <vector>

#include "cli/session.hpp"
#include "loop/signals.hpp"

int main(int argc, char** argv) {
  shunt::loop::ignore_broken_pipes();
  return shunt::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
