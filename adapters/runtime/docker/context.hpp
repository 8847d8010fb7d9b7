// The files that an image is built from, in one file to send.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "shunt/error.hpp"

namespace shunt::adapters::docker {

/// A build context as the Engine API takes it.
struct ContextFile {
  std::filesystem::path file;  ///< the tar
  std::int64_t bytes = 0;      ///< its size
  std::string dockerfile;      ///< what the Dockerfile is called in there: the parameter `dockerfile` of /build
  std::string recipe;          ///< what stands in the Dockerfile

  ContextFile() = default;
};

/// Packs the folder `context` into `target`, which is replaced and has mode 0600; the caller removes it after use.
///
/// `dockerfile` is absolute, or relative to `context`; empty means "Dockerfile". One that lies outside comes along
/// under a name of its own. What the file named like it with ".dockerignore" at its end says is left out or, without
/// such a file, what .dockerignore says (see `IgnoreList`); the Dockerfile and .dockerignore themselves always come
/// along, for the engine leaves them out of the image by itself where the patterns say so. For that it gets the
/// patterns that count as .dockerignore.
///
/// Symbolic links are kept as such; rights and times (in seconds) are kept, owners are not; hard links become files of
/// their own; sockets, pipes and devices are left out, and so is `target`. Entries are sorted, so the same folder gives
/// the same bytes. Memory is bounded by the largest folder's names.
///
/// SH1414 names what is missing, may not be read, vanished or changed while it was read, or that there is no room; then
/// no half of a `target` is left. SH1413 for the patterns. Blocks: run it on a pool. Thread safe.
Result<ContextFile> write_context(const std::filesystem::path& context, const std::string& dockerfile,
                                  const std::filesystem::path& target);

}  // namespace shunt::adapters::docker
