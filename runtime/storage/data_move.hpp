#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <troupe/storage/layout.hpp>

namespace troupe::storage {

/// What goes from one file to another.
struct Carried {
  std::string protocol;
  std::string from_node;
  std::string to_node;
  std::filesystem::path source;
  std::filesystem::path destination;
  Shards shards;  ///< by the new layout's numbers
  std::uint64_t entities = 0;
  std::uint64_t rows = 0;  ///< of all tables
};

enum class MoveGoal : std::uint8_t {
  finish,  ///< to begin the move, or to go on with one that was interrupted
  abandon  ///< to take back what an interrupted move has copied; refused once it has begun to clear the old places
};

/// Carries the data of one layout over to another, while no node of either runs.
///
/// Every row lies in exactly one place until all of it has been copied and compared, by count and checksum of each
/// shard, with what was there before; only then the sources are cleared. It may be interrupted anywhere, by SIGKILL as
/// well: from its first change on no node starts on the folders, and the same move, made again, goes on where it was.
///
///     DataMove move(from, to, "shop");
///     while (move.step()) {}
///
/// An interrupted move may also be abandoned, by steps that can be interrupted as well: by the same again, or by the
/// move.
///
/// Errors: throws std::runtime_error whose text says what is wrong and what to do. Threads: one at a time.
class DataMove {
 public:
  /// Takes the locks of all data folders; changes nothing but to make those of `to` that are missing.
  /// `application`: the name of its command.
  DataMove(Layout from, Layout to, std::string application, MoveGoal goal = MoveGoal::finish);
  ~DataMove();
  DataMove(const DataMove&) = delete;
  DataMove& operator=(const DataMove&) = delete;

  /// Takes the next step, which is durable when it returns. False: all was done already.
  bool step();

  /// All that is or was carried, or taken back; complete once `step` has returned false.
  const std::vector<Carried>& carried() const;

 private:
  class Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::storage
