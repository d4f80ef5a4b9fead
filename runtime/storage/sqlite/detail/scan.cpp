#include <troupe/storage/sqlite/detail/scan.hpp>

#include <stdexcept>

#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

namespace troupe::storage::sqlite {

namespace {

/// A scan's indexes; null: it has no condition, it goes by key.
struct ScanIndexes {
  const IndexDeclaration* condition = nullptr;
  const IndexDeclaration* by = nullptr;
};

const IndexDeclaration* find_index(const std::optional<std::uint16_t>& ordinal,
                                   const std::vector<IndexDeclaration>& indexes) {
  if (!ordinal) return nullptr;
  if (*ordinal < indexes.size()) return &indexes[*ordinal];
  throw std::invalid_argument("index " + std::to_string(*ordinal) + " is not declared");
}

void check_value(const IndexDeclaration& index, const std::optional<IndexValue>& value) {
  if (!value || fits(index.type, *value)) return;
  throw std::invalid_argument("a scan's value is not of the type of index " + index.name);
}

ScanIndexes checked_indexes(const Scan& scan, const std::vector<IndexDeclaration>& indexes) {
  const ScanIndexes found{find_index(scan.index, indexes), find_index(scan.by, indexes)};
  const bool has_condition = scan.equals || scan.contains;
  if (has_condition && !found.condition) throw std::invalid_argument("a scan with a condition names no index");
  if ((scan.at_most || scan.after_value) && !found.by) {
    throw std::invalid_argument("a scan by key has a value to begin or end with");
  }
  if (found.condition) {
    const auto& index = *found.condition;
    if (!has_condition) throw std::invalid_argument("a scan has no condition for index " + index.name);
    if (scan.equals && scan.contains) {
      throw std::invalid_argument("a scan of index " + index.name + " has more than one condition");
    }
    if (scan.contains && index.type != IndexDeclaration::Type::text) {
      throw std::invalid_argument("index " + index.name + " is not text: a scan can't look for a part of it");
    }
    check_value(index, scan.equals);
  }
  if (found.by) {
    if (scan.after.has_value() != scan.after_value.has_value()) {
      throw std::invalid_argument("a scan by index " + found.by->name + " goes on after a value and a key");
    }
    check_value(*found.by, scan.at_most);
    check_value(*found.by, scan.after_value);
  }
  return found;
}

// A scan downwards begins at its last value or after a row, whichever is lower. Only that one may be in the SQL: given
// both, SQLite would begin at either.
bool begins_at_last_value(const Scan& scan) {
  if (!scan.at_most) return false;
  return scan.direction == Direction::ascending || !scan.after || *scan.at_most < *scan.after_value;
}
bool begins_after_row(const Scan& scan) {
  if (!scan.after) return false;
  return scan.direction == Direction::ascending || !begins_at_last_value(scan);
}

}  // namespace

std::string sql_of(const Scan& scan, const std::vector<IndexDeclaration>& indexes) {
  const auto [condition, by] = checked_indexes(scan, indexes);
  const bool descending = scan.direction == Direction::descending;
  const std::string direction = descending ? " DESC" : " ASC";
  const std::string beyond = descending ? " < " : " > ";
  const bool resumes = begins_after_row(scan);
  if (!condition && !by) {
    return "SELECT key, layout, body FROM entity WHERE body IS NOT NULL" +
           (resumes ? " AND key" + beyond + "?2" : std::string()) + " ORDER BY key" + direction;
  }
  std::string columns = "SELECT e.key, e.layout, e.body";
  std::string from;
  std::string where = " WHERE e.body IS NOT NULL";
  std::string order;
  std::string leading;
  if (by) {
    leading = "o";
    columns += ", o.value";
    from = " FROM " + index_table(by->name) + " o";
    if (begins_at_last_value(scan)) where += " AND o.value <= ?4";
    if (resumes) where += " AND (o.value, o.key)" + beyond + "(?3, ?2)";
    order = " ORDER BY o.value" + direction + ", o.key" + direction;
  }
  if (condition) {
    const std::string table = index_table(condition->name) + " c";
    from += by ? " CROSS JOIN " + table : " FROM " + table;
    if (scan.contains) from += " INDEXED BY " + covering_index(condition->name);
    if (by) from += " ON c.key = o.key";
    where += scan.equals ? " AND c.value = ?1" : " AND instr(c.value, ?1) > 0";
  }
  if (!by) {
    leading = "c";
    if (resumes) where += " AND c.key" + beyond + "?2";
    order = " ORDER BY c.key" + direction;
  }
  // CROSS JOIN: the index leads, so that rows come in its order and a page ends the scan.
  return columns + from + " CROSS JOIN entity e ON e.key = " + leading + ".key" + where + order;
}

void ScanSnapshot::scan(const Scan& scan, const Visit& visit) {
  std::string sql = sql_of(scan, indexes_);
  // Taken out while it runs, so that a visit may scan too.
  auto idle = idle_.extract(sql);
  Statement statement = idle.empty() ? connection_.prepare(sql) : std::move(idle.mapped());
  const std::string after = scan.after ? scan.after->to_bytes() : std::string();
  if (scan.equals) bind(statement, 1, *scan.equals);
  if (scan.contains) statement.bind_text(1, *scan.contains);
  if (begins_after_row(scan)) {
    statement.bind_blob(2, after);
    if (scan.after_value) bind(statement, 3, *scan.after_value);
  }
  if (begins_at_last_value(scan)) bind(statement, 4, *scan.at_most);
  while (statement.step()) {
    auto key = Key::from_bytes(std::as_bytes(std::span(statement.bytes(0))));
    if (!key) throw Error(SQLITE_CORRUPT, "a row's key is malformed");
    ScannedRow row{*std::move(key), static_cast<std::uint32_t>(statement.integer(1)), statement.bytes(2)};
    if (scan.by) row.value = value_of(statement, 3, indexes_[*scan.by].type);
    if (visit(row)) continue;
    statement.reset();
    break;
  }
  idle_.insert_or_assign(std::move(sql), std::move(statement));
}

}  // namespace troupe::storage::sqlite
