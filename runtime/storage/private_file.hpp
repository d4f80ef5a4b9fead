#pragma once

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>

namespace troupe::storage {

/// Another user of the machine can have written what would be believed. The text names the file or folder and, where
/// its content can be trusted nevertheless, the command that mends it.
class Untrusted : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

/// Refuses a node's folder that another user owns or may write. Root may own it, and members of a group of this process
/// may write it where root has given that group the folders above, as Kubernetes' `fsGroup` does. What lies above is
/// not judged, nor who may read it.
/// Errors: throws Untrusted.
void refuse_foreign_folder(const std::filesystem::path& folder);

/// Refuses by the same rule the folder of a database that lies in no node's folder; also one that all users have for
/// their files, such as /tmp: others could put a log beside the database. Errors: throws Untrusted.
void refuse_shared_folder(const std::filesystem::path& folder);

/// Refuses a file with data or a secret of a node by the same rule. Nothing happens where there is none.
/// Errors: throws Untrusted.
void refuse_foreign_file(const std::filesystem::path& file);

/// The same, and closes it to all but its owner. One that others may read and that is root's, or can't be closed, is
/// refused. Errors: throws Untrusted.
void make_private(const std::filesystem::path& file);

/// Why the open file is not to be trusted with a secret that an operator has put into it: another user than root and
/// this process's may write it, by its mode or as its owner, or owns the link that the path is. Of a read-only mount no
/// owner is judged: whoever mounted it chose the file. Nothing: it may be; also where it is no regular file.
std::optional<std::string> distrust_of_secret(int descriptor, const std::filesystem::path& file);

}  // namespace troupe::storage
