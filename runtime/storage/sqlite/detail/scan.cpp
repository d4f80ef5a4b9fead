#include <troupe/storage/sqlite/detail/scan.hpp>

#include <troupe/storage/sqlite/detail/database/store_schema.hpp>

namespace troupe::storage::sqlite {

namespace {

// ?1: the value, ?2: the key to go on after.
std::string sql_of(const Scan& scan, const IndexDeclaration* index) {
  const bool descending = scan.order == Scan::Order::descending;
  const std::string direction = descending ? " DESC" : " ASC";
  const std::string beyond = descending ? " < ?2" : " > ?2";
  if (!index) {
    return "SELECT key, layout, body FROM entity WHERE body IS NOT NULL" +
           (scan.after ? " AND key" + beyond : std::string()) + " ORDER BY key" + direction;
  }
  std::string from = " FROM " + index_table(index->name) + " i";
  std::string where = " WHERE e.body IS NOT NULL";
  std::string order = " ORDER BY i.key" + direction;
  if (scan.equals) {
    where += " AND i.value = ?1";
  } else if (scan.contains) {
    from += " INDEXED BY " + covering_index(index->name);
    where += " AND instr(i.value, ?1) > 0";
  } else {
    if (scan.at_most) where += " AND i.value <= ?1";
    order = " ORDER BY i.value" + direction + ", i.key" + direction;
  }
  const bool by_key = scan.equals || scan.contains;
  if (scan.after && by_key) where += " AND i.key" + beyond;
  // CROSS JOIN: the index leads, so that rows come in its order and a page ends the scan.
  return "SELECT e.key, e.layout, e.body" + from + " CROSS JOIN entity e ON e.key = i.key" + where + order;
}

}  // namespace

const IndexDeclaration* ScanSnapshot::checked_index(const Scan& scan) const {
  const int conditions = (scan.equals ? 1 : 0) + (scan.contains ? 1 : 0) + (scan.at_most ? 1 : 0);
  if (!scan.index) {
    if (conditions > 0) throw std::invalid_argument("a scan by value names no index");
    return nullptr;
  }
  if (*scan.index >= indexes_.size()) {
    throw std::invalid_argument("index " + std::to_string(*scan.index) + " is not declared");
  }
  const auto& index = indexes_[*scan.index];
  if (conditions > 1) throw std::invalid_argument("a scan of index " + index.name + " has more than one condition");
  if (scan.contains && index.type != IndexDeclaration::Type::text) {
    throw std::invalid_argument("index " + index.name + " is not text: a scan can't look for a part of it");
  }
  for (const auto* value : {&scan.equals, &scan.at_most}) {
    if (*value && !fits(index.type, **value)) {
      throw std::invalid_argument("a scan's value is not of the type of index " + index.name);
    }
  }
  if (scan.after && !scan.equals && !scan.contains) {
    throw std::invalid_argument("a scan of index " + index.name + " by value can't go on after a key");
  }
  return &index;
}

void ScanSnapshot::scan(const Scan& scan, const Visit& visit) {
  std::string sql = sql_of(scan, checked_index(scan));
  // Taken out while it runs, so that a visit may scan too.
  auto idle = idle_.extract(sql);
  Statement statement = idle.empty() ? connection_.prepare(sql) : std::move(idle.mapped());
  const std::string after = scan.after ? scan.after->to_bytes() : std::string();
  const auto& value = scan.equals ? scan.equals : scan.at_most;
  if (value) bind(statement, 1, *value);
  if (scan.contains) statement.bind_text(1, *scan.contains);
  if (scan.after) statement.bind_blob(2, after);
  while (statement.step()) {
    const auto key = Key::from_bytes(std::as_bytes(std::span(statement.bytes(0))));
    if (!key) throw Error(SQLITE_CORRUPT, "a row's key is malformed");
    if (visit(*key, static_cast<std::uint32_t>(statement.integer(1)), statement.bytes(2))) continue;
    statement.reset();
    break;
  }
  idle_.insert_or_assign(std::move(sql), std::move(statement));
}

}  // namespace troupe::storage::sqlite
