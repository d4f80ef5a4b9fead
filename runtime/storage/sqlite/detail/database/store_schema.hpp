#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include <troupe/contract/store.hpp>
#include <troupe/storage/sqlite/detail/database/database_file.hpp>

namespace troupe::storage::sqlite {

/// Troupe's own tables in a protocol's file.
///
/// Rows are clustered by what reads and deletes them: `entity` and `table_row` by key; `inbox` by operation, whose time
/// order keeps inserts on one page; `outbox` by sender and sequence, the order of delivery, as is `dead_letter`, whose
/// rows come from there and may go back, with what is longest last, for listings leave it out. `by_NAME` is index NAME.
const Schema& store_schema();

/// Makes the file's index tables what the protocol declares: drops, makes and fills them as needed.
///
/// Runs inside the opening transaction. Errors: throws std::runtime_error naming the file and the index, or Error.
void reconcile_indexes(Connection& connection, const std::filesystem::path& file, const StoreDeclaration& declaration);

/// What a file's index tables were made for.
struct IndexSet {
  std::int64_t layout = 0;                   ///< 0: no program has opened the file yet
  std::map<std::string, std::string> types;  ///< by the index's name

  friend bool operator==(const IndexSet&, const IndexSet&) = default;
};

/// Errors: throws Error where the file declares one as this program would not.
IndexSet stored_indexes(Connection& connection);

/// Gives a file without rows the index tables of another. Inside a transaction.
void adopt_indexes(Connection& connection, const IndexSet& indexes);

/// The table of an index, quoted; `covering_index` of a text index has its values in the order of keys.
std::string index_table(std::string_view name);
std::string covering_index(std::string_view name);

/// Binds a value that has the declared type, and reads one.
void bind(Statement& statement, int position, const IndexValue& value);
IndexValue value_of(const Statement& row, int column, IndexDeclaration::Type type);

}  // namespace troupe::storage::sqlite
