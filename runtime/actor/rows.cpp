#include <troupe/actor/rows.hpp>

#include <stdexcept>
#include <utility>

namespace troupe {

namespace detail {

void refuse_row(const Key& key, std::string_view type, std::string_view why) {
  throw std::runtime_error("the stored " + std::string(type) + " of " + key.to_string() +
                           " can't be read: " + std::string(why));
}

std::string describe(const std::vector<Fault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += "; ";
    text += fault.pointer + " " + fault.detail;
  }
  return text;
}

bool go_on(Scan& scan, const IndexDeclaration* by, const Cursor& from) {
  const bool same_order = by ? from.by && from.by->index == by->name && from.by->direction == scan.direction &&
                                   fits(by->type, from.by->value)
                             : !from.by;
  if (!same_order) return false;
  scan.after = from.key;
  if (by) scan.after_value = from.by->value;
  return true;
}

Cursor cursor_at(const Scan& scan, const IndexDeclaration* by, const ScannedRow& row) {
  if (!by) return {row.key};
  return {row.key, Cursor::ByValue{by->name, scan.direction, row.value.value()}};
}

}  // namespace detail
}  // namespace troupe
