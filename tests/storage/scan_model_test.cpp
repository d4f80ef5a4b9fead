#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

#include "tests/storage/support.hpp"

namespace troupe::storage::test {
namespace {

using Type = IndexDeclaration::Type;

struct Row {
  std::uint64_t version = 0;
  std::optional<std::string> body;
  std::optional<std::int64_t> size;
  std::optional<std::string> name;
};

using Model = std::map<Key, Row>;

Key key_of(unsigned number) { return number % 3 == 0 ? Key("text " + std::to_string(number)) : id_key(number); }

template <class T>
std::optional<IndexValue> as_index(const std::optional<T>& value) {
  return value ? std::optional(IndexValue(*value)) : std::nullopt;
}

std::string random_name() { return *rc::gen::container<std::string>(rc::gen::element('a', 'b', '%', '\0', '\xc3')); }

/// Writes a random change to the store and the model.
void change(Store& store, Model& model) {
  const Key key = key_of(*rc::gen::inRange(0u, 12u));
  Row& row = model[key];
  Row next = row;
  ++next.version;
  const bool erase = row.version > 0 && *rc::gen::inRange(0, 5) == 0;
  Commit commit;
  commit.key = key;
  commit.expected_version = row.version;
  commit.state = erase ? CommitRequest::State::erase : CommitRequest::State::put;
  next.body = erase ? std::nullopt : std::optional("v" + std::to_string(next.version));
  next.size.reset();
  next.name.reset();
  if (!erase && *rc::gen::arbitrary<bool>()) next.size = *rc::gen::inRange<std::int64_t>(-3, 3);
  if (!erase && *rc::gen::arbitrary<bool>()) next.name = random_name();
  commit.body = next.body.value_or("");
  commit.indexes = {{0, as_index(row.size), as_index(next.size)}, {1, as_index(row.name), as_index(next.name)}};
  RC_ASSERT(run(store, commit) == StoreStatus::done);
  row = commit.row_is_gone ? Row{} : next;
}

IndexValue random_size() { return *rc::gen::inRange<std::int64_t>(-3, 3); }

Scan random_scan() {
  Scan scan;
  scan.direction = *rc::gen::element(Direction::ascending, Direction::descending);
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      break;
    case 1:
      scan.index = 0;
      scan.equals = random_size();
      break;
    default:
      scan.index = 1;
      scan.contains = *rc::gen::container<std::string>(rc::gen::element('a', 'b', '%'));
      break;
  }
  if (*rc::gen::arbitrary<bool>()) scan.after = key_of(*rc::gen::inRange(0u, 12u));
  if (*rc::gen::arbitrary<bool>()) return scan;
  scan.by = *rc::gen::element<std::uint16_t>(0, 1);
  const auto random_value = [&scan] { return scan.by == 0 ? random_size() : IndexValue(random_name()); };
  if (*rc::gen::arbitrary<bool>()) scan.at_most = random_value();
  if (scan.after) scan.after_value = random_value();
  return scan;
}

/// The value that the scan goes by; all rows have the same where it goes by key.
std::optional<IndexValue> value_of(const Scan& scan, const Row& row) {
  if (!scan.by) return IndexValue();
  return scan.by == 0 ? as_index(row.size) : as_index(row.name);
}

using Place = std::pair<IndexValue, Key>;

bool matches(const Scan& scan, const Row& row, const Place& place) {
  if (scan.after) {
    const Place after{scan.after_value.value_or(IndexValue()), *scan.after};
    if (scan.direction == Direction::ascending ? place <= after : place >= after) return false;
  }
  if (scan.at_most && place.first > *scan.at_most) return false;
  if (scan.equals) return as_index(row.size) == scan.equals;
  return !scan.contains || (row.name && row.name->find(*scan.contains) != std::string::npos);
}

std::vector<Key> expected(const Model& model, const Scan& scan, std::size_t limit) {
  std::vector<Place> found;
  for (const auto& [key, row] : model) {
    const auto value = value_of(scan, row);
    if (!row.body || !value) continue;
    const Place place{*value, key};
    if (matches(scan, row, place)) found.push_back(place);
  }
  std::ranges::sort(found);
  if (scan.direction == Direction::descending) std::ranges::reverse(found);
  std::vector<Key> keys;
  for (auto& [value, key] : found) keys.push_back(key);
  keys.resize(std::min(limit, keys.size()));
  return keys;
}

TEST(ScanModel, AgreesWithAMapAfterAnyChanges) {
  Opened store(thing({{"size", Type::integer}, {"name", Type::text}}));
  Model model;
  // One store for all: opening one for each trial would take most of the time.
  const bool agrees = rc::check("scans agree with the model", [&] {
    change(*store, model);
    const Scan scan = random_scan();
    const std::size_t limit = *rc::gen::inRange<std::size_t>(1, 12);
    RC_ASSERT(scan_keys(*store, scan, limit) == expected(model, scan, limit));
  });
  EXPECT_TRUE(agrees);
}

}  // namespace
}  // namespace troupe::storage::test
