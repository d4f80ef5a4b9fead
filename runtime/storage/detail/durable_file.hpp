#pragma once

#include <filesystem>
#include <string_view>

namespace troupe::storage {

/// Makes a file's content, or a folder's entries, survive a power loss. Errors: throws std::runtime_error.
void sync_to_disk(const std::filesystem::path& path);

/// Makes the folders above a file where they are missing. Errors: throws std::runtime_error.
void make_folder_of(const std::filesystem::path& file);

/// The text of a std::runtime_error: what failed on which path, the system's reason, and what to do.
std::string file_fault(std::string_view what, const std::filesystem::path& path, int error, std::string_view hint);

}  // namespace troupe::storage
