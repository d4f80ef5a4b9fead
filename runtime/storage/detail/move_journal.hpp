#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/storage/data_move.hpp>
#include <troupe/storage/node_record.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>
#include <troupe/storage/sqlite/detail/keyed_rows.hpp>

namespace troupe::storage {

/// How far a move has come: `copying` nothing was removed yet; `clearing` everything has arrived and was verified;
/// `recording` the sources are empty, and the folders learn their new places.
enum class MovePhase : std::uint8_t { copying, clearing, recording };

/// What a file must hold when all has arrived, by shard.
using Expected = std::map<std::uint64_t, sqlite::Tally>;

/// What a move is about to do, made out before its first change and kept until its last.
struct MovePlan {
  MoveMark mark;
  MovePhase phase = MovePhase::copying;
  std::vector<Carried> carried;
  std::map<std::filesystem::path, Expected> expected;  ///< of each file that something is carried to
};

/// The plan's file. It is the only one that says whether sources may be cleared. Errors: throws std::runtime_error.
class MoveJournal {
 public:
  explicit MoveJournal(const std::filesystem::path& data) : file_(data / "move.db") {}

  std::optional<MovePlan> read() const;
  /// Durable as a whole.
  void begin(const MovePlan& plan);
  void enter(MovePhase phase);
  void end();

 private:
  std::filesystem::path file_;
};

}  // namespace troupe::storage
