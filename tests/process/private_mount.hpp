#pragma once

#include <filesystem>
#include <string>

namespace troupe::process {

/// A mount that only the child process sees.
struct Mount {
  enum class Kind { memory, read_only };
  Kind kind = Kind::memory;
  std::filesystem::path at;
  std::string options;  ///< of a memory mount, as for mount(8): "size=8m"
};

/// Whether this user may give a child mounts of its own.
bool private_mounts_possible();

/// A mount made ready before a fork, and performed by the child, which may only make system calls.
class PrivateMount {
 public:
  explicit PrivateMount(const Mount& mount);

  /// Gives the calling process a mount namespace of its own, with this mount in it.
  bool perform() const;

 private:
  Mount::Kind kind_;
  std::string at_;
  std::string options_;
  std::string user_map_;
};

}  // namespace troupe::process
