#include <troupe/storage/sqlite/detail/high_water_mark.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>

namespace troupe::storage::sqlite {

HighWaterMark::HighWaterMark(Connection& connection) {
  // Ids stand before text: their bytes begin with the tag 1.
  auto select = connection.prepare("SELECT key FROM entity WHERE key < x'02' ORDER BY key DESC LIMIT 1");
  if (!select.step()) return;
  const auto key = Key::from_bytes(std::as_bytes(std::span(select.bytes(0))));
  if (!key) throw std::runtime_error("the table of entities has a malformed key; restore the file from a backup");
  for (auto& slice : slices_) slice.highest = key->id();
}

void HighWaterMark::saw(const Key& key) {
  if (key.is_text()) return;
  Slice& slice = slice_of(key);
  std::lock_guard lock(slice.mutex);
  slice.highest = std::max(slice.highest, key.id());
}

void HighWaterMark::invalidate() {
  for (auto& slice : slices_) {
    std::lock_guard lock(slice.mutex);
    slice.highest = {~std::uint64_t{0}, ~std::uint64_t{0}};
  }
}

bool HighWaterMark::is_before(const Key& key) const {
  if (key.is_text()) return false;
  const Slice& slice = slice_of(key);
  std::lock_guard lock(slice.mutex);
  return slice.highest < key.id();
}

}  // namespace troupe::storage::sqlite
