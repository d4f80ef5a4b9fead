#pragma once

#include <filesystem>

namespace troupe::testing::detail {

/// A new folder of its own, gone with this object. Errors: throws std::runtime_error when it can't be made.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace troupe::testing::detail
