#pragma once

#include <string>

namespace troupe::storage::test {

/// Makes SQLite's disk fail on demand: a VFS in front of the real one, SQLite's default in the whole program.
///
/// Threads: `fail` and `heal` from any; one at a time lives.
class FaultyDisk {
 public:
  enum class Operation { write, sync, map_shared_memory };

  struct Plan {
    Operation operation = Operation::write;
    int code = 0;           ///< the SQLite result code; a full disk writes half of what it was given
    std::string suffix;     ///< only files that end so
    int after = 0;          ///< as many of these succeed first
    int times = 1'000'000;  ///< as many fail, then all is well again
  };

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  void fail(Plan plan);
  void heal();
  /// Operations that failed so far.
  int failures() const;
  /// Syncs of files with this suffix so far.
  int syncs(const std::string& suffix) const;
};

}  // namespace troupe::storage::test
