#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <troupe/storage/sqlite/detail/database/connection.hpp>
#include <troupe/storage/sqlite/detail/scan.hpp>

namespace troupe::storage::sqlite {

/// Answers loads and queries from committed rows, on a connection of its own.
///
/// A group of loads, and each query, sees one state of the database, taken after it was handed in: what was committed
/// before that is seen. Threads: one at a time.
class Reader {
 public:
  Reader(Connection connection, std::filesystem::path file, std::vector<IndexDeclaration> indexes);

  /// Answers and calls done() of each, and takes it out of `batch` before. Errors: where one throws, the reader must
  /// not be used again.
  void load(std::span<LoadRequest* const>& batch);
  /// Answers; done() is the caller's.
  void query(QueryRequest& request);

 private:
  void load_one(LoadRequest& request);
  void load_state(LoadRequest& request, std::string_view key);
  void find_operation(LoadRequest& request, std::string_view key);

  Connection connection_;
  std::filesystem::path file_;
  std::vector<IndexDeclaration> indexes_;
  void end_read() noexcept;

  Statement begin_;
  Statement end_;
  Statement entity_;
  Statement rows_;
  Statement operation_;
  IdleScans scans_;
};

}  // namespace troupe::storage::sqlite
