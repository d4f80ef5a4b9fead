#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace troupe::storage {

/// Whose rows a protocol's file holds. The file itself says so, as it may lie outside of every data folder.
struct FileOwner {
  std::string topology;
  std::string node;
  std::string protocol;

  friend bool operator==(const FileOwner&, const FileOwner&) = default;
};

/// What the file says; nothing where it is not there, where no node has opened it since files say so, and where it
/// can't be read: whoever opens it then is told why. The node that has the file may be running.
std::optional<FileOwner> peek_owner(const std::filesystem::path& file);

/// Lets a file that nobody has open be another's. Does nothing where there is no file.
/// Errors: throws std::runtime_error that names the file.
void replace_owner(const std::filesystem::path& file, const FileOwner& owner);

}  // namespace troupe::storage
