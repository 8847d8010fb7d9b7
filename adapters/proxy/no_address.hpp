// The refusal of every proxy whose instances' addresses are found at run time.
#pragma once

#include <fmt/format.h>

#include "shunt/error.hpp"
#include "shunt/proxy.hpp"

namespace shunt::adapters {

/// SH1504, retryable: nobody of that colour can be sent requests yet.
inline Error no_address_yet(Colour color) {
  Error error("SH1504", Kind::config,
              fmt::format("{} cannot get requests: no instance of it has an address", name_of(color)),
              "look whether its instances run (`shunt status`)");
  error.retryable = true;
  return error;
}

}  // namespace shunt::adapters
