#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::storage {

/// What to do about a folder that this process may not use.
inline constexpr std::string_view folder_hint =
    "give this process the right to write it, or choose another data folder";

/// Makes `<data>/<node>`, durably, with all that is missing above it; readable by its owner only. Its absolute path.
/// Errors: throws std::runtime_error; Untrusted where it is there and others can have written into it.
std::filesystem::path make_folder(const std::filesystem::path& data, std::string_view node);

/// A lock that gives one process a folder or file alone. The kernel frees it when the process ends, even by SIGKILL.
/// Errors: constructing throws std::runtime_error, which names the process that has it.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder);
  /// Of a database that lies in no data folder: by a file beside it. Errors: also Untrusted, where others may write
  /// there.
  static std::unique_ptr<FolderLock> of_database(const std::filesystem::path& database);
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

 private:
  FolderLock(const std::filesystem::path& file, const std::string& what);
  std::string read_holder() const;
  void write_holder(const std::filesystem::path& file);

  int descriptor_ = -1;
};

/// Whether a file lies in the folder or below it.
bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder);

}  // namespace troupe::storage
