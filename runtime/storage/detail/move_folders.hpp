#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/storage/data_move.hpp>
#include <troupe/storage/detail/folder_lock.hpp>
#include <troupe/storage/detail/node_database.hpp>
#include <troupe/storage/layout.hpp>

namespace troupe::storage {

/// One data folder that a move touches.
struct MoveFolder {
  std::filesystem::path path;
  const NodeLayout* before = nullptr;  ///< null: no node of the old layout has it
  const NodeLayout* after = nullptr;
  std::unique_ptr<FolderLock> lock;
  std::vector<std::unique_ptr<FolderLock>> databases;  ///< of those that lie elsewhere
  std::unique_ptr<NodeDatabase> database;
};

/// The data folders of both layouts of a move, locked for as long as this lives.
///
/// Errors: constructing throws std::runtime_error, for a folder of the old layout that is missing and for one in use.
/// Lifetime: the layouts'. Threads: one at a time.
class MoveFolders {
 public:
  /// Makes those of the new layout that are missing, unless the move is to be abandoned.
  MoveFolders(const Layout& from, const Layout& to, MoveGoal goal);

  auto begin() { return folders_.begin(); }
  auto end() { return folders_.end(); }
  auto begin() const { return folders_.begin(); }
  auto end() const { return folders_.end(); }
  MoveFolder& at(const std::filesystem::path& path) { return folders_.at(path); }

  /// The marks of those that take part in a move.
  std::vector<MoveMark> marks() const;
  /// Errors: throws where a folder that takes part in none is not what the layouts say of it.
  void check_owners() const;

 private:
  void gather(MoveGoal goal);
  void lock_databases();

  const Layout& from_;
  const Layout& to_;
  std::map<std::filesystem::path, MoveFolder> folders_;
};

}  // namespace troupe::storage
