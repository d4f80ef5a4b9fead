#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <troupe/contract/key.hpp>

/// The forms in which an entity's state rests, between the actor that owns it and the database that keeps it.
namespace troupe {

/// A declared index's value. Ids and times are integers or blobs that sort as they should.
using IndexValue = std::variant<std::int64_t, std::string, std::vector<std::byte>>;

struct IndexDeclaration {
  std::string name;
  enum class Type : std::uint8_t { integer, text, blob } type = Type::integer;  ///< as IndexValue has them
};

constexpr bool fits(IndexDeclaration::Type type, const IndexValue& value) {
  return value.index() == static_cast<std::size_t>(type);
}

/// One item of a state's `Table` field: a row of its own.
struct TableRow {
  std::uint16_t table = 0;  ///< the ordinal of the field among the state's tables
  std::string item;         ///< the item's key, as text
  std::string body;         ///< JSON
};

/// An entity's committed state.
struct StoredState {
  std::uint64_t version = 0;        ///< 0: never written; counts commits, without gaps
  std::uint32_t layout = 1;         ///< the state's declared `version`, for upgrades
  std::optional<std::string> body;  ///< JSON; empty: never written, or erased
  std::vector<TableRow> rows;
};

struct IndexChange {
  std::uint16_t index = 0;  ///< ordinal in StoreDeclaration::indexes
  std::optional<IndexValue> before;
  std::optional<IndexValue> after;
};

struct TableChange {
  std::uint16_t table = 0;
  std::string item;
  std::optional<std::string> body;  ///< empty: the item is removed
};

/// Which way a listing goes.
enum class Direction : std::uint8_t { ascending, descending };

/// A keyset scan over committed rows that have a body: by key, or by an index's value and then by key.
struct Scan {
  // Which rows.
  std::optional<std::uint16_t> index;   ///< of `equals` or `contains`
  std::optional<IndexValue> equals;     ///< rows of exactly this value
  std::optional<std::string> contains;  ///< with a text index: rows whose value contains this text (bytewise)

  // In which order.
  std::optional<std::uint16_t> by;    ///< an index, whose rows come by their value; none: all rows by key
  std::optional<IndexValue> at_most;  ///< with `by`: rows up to this value
  Direction direction = Direction::descending;

  // From where.
  std::optional<Key> after;               ///< rows beyond this one in the order
  std::optional<IndexValue> after_value;  ///< with `by` and `after`: the value of that row
};

/// One row of a scan. Lifetime: the body's until the visit returns.
struct ScannedRow {
  Key key;
  std::uint32_t layout = 1;
  std::string_view body;
  std::optional<IndexValue> value = {};  ///< of the index that the scan goes by
};

struct PageTrace;
struct DeadLetter;

/// Which dead letters of a protocol are read.
struct DeadLetterScan {
  std::optional<Uuid> operation;  ///< this one, whole; else all of them, without the bodies of their messages
  std::optional<Uuid> after;      ///< of all: those whose operation is beyond this one
};

/// One consistent, read-only view of a protocol's committed rows on this node.
class Snapshot {
 public:
  PageTrace* trace = nullptr;  ///< filled with the page that is made, where it is set

  /// Calls `visit` row by row until it returns false; tables are not read.
  using Visit = std::function<bool(const ScannedRow& row)>;

  virtual void scan(const Scan& scan, const Visit& visit) = 0;

  /// Calls `visit` for the dead letters of its entities, in the order of operations, which is that of the time when
  /// they were sent, until it returns false.
  virtual void dead_letters(const DeadLetterScan& scan, const std::function<bool(const DeadLetter&)>& visit) = 0;

 protected:
  ~Snapshot() = default;
};

}  // namespace troupe
