#pragma once

#include <filesystem>

namespace troupe::testing {

/// A new folder of its own, gone with this object and all that is in it.
class TemporaryFolder {
 public:
  /// Errors: throws std::runtime_error when it can't be made.
  TemporaryFolder();
  /// In a place of one's own choice.
  explicit TemporaryFolder(const std::filesystem::path& parent);
  /// A place in memory, where the system has one and TMPDIR names no other: for tests that don't look at what a disk
  /// costs.
  static std::filesystem::path in_memory();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace troupe::testing
