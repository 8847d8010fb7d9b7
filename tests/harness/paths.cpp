#include "harness/paths.hpp"

namespace shunt::harness {

std::filesystem::path shunt_program() {
  return SHUNT_PATH_OF_SHUNT;
}

std::filesystem::path shop_program() {
  return SHUNT_PATH_OF_SHOP;
}

std::filesystem::path shop_static_program() {
  return SHUNT_PATH_OF_SHOP_STATIC;
}

std::filesystem::path instance_static_program() {
  return SHUNT_PATH_OF_INSTANCE_STATIC;
}

std::filesystem::path source_folder() {
  return SHUNT_PATH_OF_SOURCE;
}

}  // namespace shunt::harness
