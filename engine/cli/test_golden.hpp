// Comparing what users see with what is written down in golden/.
#pragma once

#include <doctest/doctest.h>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace shunt::cli {

/// Fails unless `text` is what golden/NAME.txt says. With SHUNT_UPDATE_GOLDEN set it is written instead: read the
/// difference.
inline void check_golden(const std::string& name, const std::string& text) {
  const std::string path = std::string(SHUNT_GOLDEN) + "/" + name + ".txt";
  if (std::getenv("SHUNT_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << text;
    return;
  }
  std::ostringstream expected;
  expected << std::ifstream(path, std::ios::binary).rdbuf();
  INFO("golden/", name, ".txt");
  CHECK(text == expected.str());
}

}  // namespace shunt::cli
