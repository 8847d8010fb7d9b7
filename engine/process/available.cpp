#include "process/available.hpp"

#include <fstream>
#include <limits>
#include <string>

namespace shunt::process {

// `MemAvailable:   123 kB`.
std::int64_t available_memory(const std::filesystem::path& proc) {
  std::ifstream file(proc / "meminfo");
  for (std::string name; file >> name;) {
    std::int64_t kib = 0;
    if (name == "MemAvailable:" && file >> kib) return kib * 1024;
    std::getline(file, name);
  }
  return std::numeric_limits<std::int64_t>::max();
}

}  // namespace shunt::process
