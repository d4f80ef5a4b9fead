#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/storage/node_record.hpp>

namespace troupe::storage {

class FolderLock;
class NodeDatabase;

/// One node's own folder, `<data>/<node>/`: its databases, its incarnation and its secrets. One process at a time.
///
/// Errors: throws std::runtime_error whose text names the file, what is wrong and what to do; for a folder in use also
/// the process that holds it. Untrusted where another user owns the folder or a file of it, or may write it.
/// Threads: one at a time.
class DataFolder {
 public:
  /// Makes the folder where it is missing, takes its lock until destruction, and begins a new incarnation.
  DataFolder(const std::filesystem::path& data, std::string_view node);
  ~DataFolder();
  DataFolder(const DataFolder&) = delete;
  DataFolder& operator=(const DataFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Counts this node's starts on this folder: durable before anyone sees it, and never seen again by a later start.
  std::uint64_t incarnation() const { return incarnation_; }

  /// Takes the lock of a database that lies elsewhere, for as long as this lives.
  void hold(const std::filesystem::path& database);

  /// The secret of this name; at first made by `make`, and durable before it is returned.
  std::vector<std::byte> get_or_create(std::string_view name, const std::function<std::vector<std::byte>()>& make);

  /// What the folder says of its place.
  NodeRecord record() const;
  /// Durable before it returns, as are the files that it tells of, which are there.
  void keep(const NodeRecord& record);

 private:
  std::filesystem::path path_;
  std::unique_ptr<FolderLock> lock_;
  std::vector<std::unique_ptr<FolderLock>> held_;
  std::unique_ptr<NodeDatabase> database_;
  std::uint64_t incarnation_ = 0;
};

}  // namespace troupe::storage
