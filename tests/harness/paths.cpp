#include "harness/paths.hpp"

namespace shunt::harness {

std::filesystem::path shunt_program() {
  return SHUNT_PATH_OF_SHUNT;
}

std::filesystem::path shop_program() {
  return SHUNT_PATH_OF_SHOP;
}

std::filesystem::path source_folder() {
  return SHUNT_PATH_OF_SOURCE;
}

}  // namespace shunt::harness
