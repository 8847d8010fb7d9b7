// The entry that libFuzzer calls.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {  // NOLINT(readability-identifier-naming)
  shunt::fuzz::take({reinterpret_cast<const char*>(data), size});
  return 0;
}

// A script that does not come back while it is loaded ends the program; aborted, libFuzzer keeps its input.
extern "C" __attribute__((noreturn)) void _exit(int) {
  std::abort();
}
