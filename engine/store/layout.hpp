// How a store's file comes to be, and whether a file is one.
#pragma once

#include "store/database.hpp"

namespace shunt::store {

/// The file in `folder`; in write mode it is made first where there is none, whole or not at all for everybody who
/// looks. Throws Failure (SH1801, SH1805) and std::system_error.
std::filesystem::path prepare_file(const std::filesystem::path& folder, Mode mode);

/// Throws Failure: SH1801 when it is no store, SH1805 when it is empty and may not be filled, SH1808 when it is too
/// new.
void check_layout(Database& database, Mode mode);

}  // namespace shunt::store
