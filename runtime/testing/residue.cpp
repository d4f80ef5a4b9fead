#include <troupe/testing/residue.hpp>

#include <vector>

namespace troupe::testing {

void Residue::replace(StoredState& stored, const EntityBase& entity) {
  using Change = troupe::detail::StagedState::Change;
  troupe::detail::StagedState staged;
  EntityAccess::stage(entity, staged);
  stored.body.reset();
  if (staged.change == Change::put) stored.body = std::move(staged.body);
  for (auto& [table, item, body] : staged.tables) {
    std::erase_if(stored.rows, [&](const TableRow& row) { return row.table == table && row.item == item; });
    if (body) stored.rows.push_back({table, std::move(item), *std::move(body)});
  }
}

}  // namespace troupe::testing
