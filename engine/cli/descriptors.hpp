// Standard input, output and error of this program.
#pragma once

namespace shunt::cli {

/// Opens /dev/null in place of each of the three that the caller has closed. Else the next socket or file would take
/// its number, and what is printed would go there. To be called before anything else is opened.
void fill_standard_descriptors();

}  // namespace shunt::cli
