// From what the file, the link and the processes say to what the engine wants to know.
#pragma once

#include <filesystem>
#include <string>

#include "adapters/proxy/nginx/link.hpp"
#include "adapters/proxy/nginx/section.hpp"
#include "adapters/proxy/nginx/workers.hpp"
#include "shunt/proxy.hpp"

namespace shunt::nginx {

/// What was found on one look.
struct Sight {
  Running running;
  std::string text;  ///< of the file
  UpstreamFile file;
  bool has_read = false;         ///< the workers that accept requests began after the file's last change
  std::filesystem::path closed;  ///< the folder that keeps them from following the link; "" for none

  Sight() = default;
};

/// A switch by reload. Nobody but nginx knows the requests of a colour that is in use; one that is not has as many as
/// there are workers of older generations (or more: each ends with its last connection).
ProxyView view_of(const Sight& sight, const Weighted& section, const Announced& announced);

/// A switch by the link at `pointer`.
ProxyView view_of(const Sight& sight, const Linked& section, const Pointer& pointer, const Announced& announced);

}  // namespace shunt::nginx
