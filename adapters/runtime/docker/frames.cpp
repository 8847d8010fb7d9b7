#include "adapters/runtime/docker/frames.hpp"
namespace shunt::adapters::docker {
Result<std::string> text_of_frames(std::string_view bytes, bool raw) {
  if (raw) return std::string(bytes);
  std::string text;
  while (bytes.size() >= 8) {
    std::size_t size = 0;
    for (int i = 4; i < 8; ++i) size = size * 256 + static_cast<unsigned char>(bytes[i]);
    bytes.remove_prefix(8);
    text += bytes.substr(0, size);
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return text;
}
}  // namespace shunt::adapters::docker
