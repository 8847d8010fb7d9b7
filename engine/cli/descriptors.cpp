#include "cli/descriptors.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace shunt::cli {

// `open` takes the lowest number that is free, and children shall inherit it.
void fill_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) == -1 && ::open("/dev/null", O_RDWR) == -1)  // NOLINT(android-cloexec-open)
      return;
}

}  // namespace shunt::cli
