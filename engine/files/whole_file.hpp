// A file that its readers see in its old state or in its new one, and never between.
#pragma once

#include <filesystem>
#include <string_view>
#include <system_error>

namespace shunt::files {

/// Replaces `file` by `text`, mode 0644 whatever the umask, also when the machine loses power: a temporary file beside
/// it (FILE.shunt), fsync, rename, fsync of the folder. When it fails the old content stays, except after the last
/// step: then the new one stands there, perhaps not for good.
std::error_code write_whole(const std::filesystem::path& file, std::string_view text);

/// Makes the names in `folder` survive a power cut.
std::error_code sync_folder(const std::filesystem::path& folder);

/// Makes `folder` and the missing ones above it, which everybody may enter (0755, whatever the umask). Those that exist
/// are left as they are.
std::error_code make_open_folder(const std::filesystem::path& folder);

}  // namespace shunt::files
