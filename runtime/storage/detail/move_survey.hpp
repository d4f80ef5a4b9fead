#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <troupe/storage/data_move.hpp>
#include <troupe/storage/detail/move_journal.hpp>
#include <troupe/storage/layout.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

/// What lies in the files of a move, and what would be done with it. Nobody else has them open.
/// Errors: throws std::runtime_error that names the file.
namespace troupe::storage {

/// What a move would do, or why it must not.
struct Survey {
  std::vector<Carried> carried;
  std::map<std::filesystem::path, Expected> expected;
  std::vector<std::string> faults;
};

/// Reads every row of the protocol in both layouts.
Survey survey(const Layout& from, const Layout& to, const std::string& protocol);

/// Whether what was copied may still lie in the new places.
enum class Copies : std::uint8_t { there, removed };

/// Compares what lies in its old place with what did when the move began, and that nothing else is left anywhere.
void verify_sources(const Layout& from, const Layout& to, const MovePlan& plan, Copies copies);

/// The first shard that is not as it should be, in words; empty: there is none.
std::string difference(const Expected& expected, const Expected& found);

/// A protocol's file, brought to this program's schema.
sqlite::Connection open_rows(const std::filesystem::path& file);

}  // namespace troupe::storage
