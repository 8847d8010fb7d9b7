// Shifts the requests of a Caddy: by a file that it looks for at every request, or by its admin API.
#pragma once

#include "shunt/registry.hpp"

namespace shunt::adapters {

Adapter<Proxy> caddy_proxy();

}  // namespace shunt::adapters
