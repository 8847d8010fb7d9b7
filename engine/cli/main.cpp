#include <string>
#include <vector>

#include "cli/descriptors.hpp"
#include "cli/session.hpp"
#include "loop/signals.hpp"

int main(int argc, char** argv) {
  shunt::cli::fill_standard_descriptors();
  shunt::loop::ignore_broken_pipes();
  return shunt::cli::run(std::vector<std::string>(argv + (argc > 0 ? 1 : 0), argv + argc));
}
