// The output of a container, as the engine sends it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "shunt/error.hpp"

namespace shunt::adapters::docker {

/// Makes plain text of the stream that /containers/ID/logs answers with
/// (https://docs.docker.com/reference/api/engine/ "Stream format"): frames of 8 bytes (which stream: 0 to 3, three
/// zeros, the length as a big-endian number) and a text. Both streams come in their order; what the engine itself has
/// to say (stream 3) stands between them. A container with a terminal has no frames. Keeps nothing but a header.
class Frames {
 public:
  explicit Frames(bool terminal) : terminal_(terminal) {}

  /// The text that has come with these bytes. SH1415 for what is no frame; then no more can be taken.
  Result<std::string> take(std::string_view bytes);

  /// SH1415 when the stream has ended amid a frame.
  Result<void> finish() const;

 private:
  bool terminal_;
  std::string header_;    ///< as far as it has come
  std::size_t left_ = 0;  ///< bytes of the frame that have not come
};

}  // namespace shunt::adapters::docker
