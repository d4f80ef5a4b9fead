#pragma once

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
  enum class Type : std::uint8_t { integer, text, blob } type = Type::integer;
};

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

/// A keyset scan over committed rows that have a body. Without an index: all rows by key.
struct Scan {
  enum class Order : std::uint8_t { ascending, descending };

  std::optional<std::uint16_t> index;
  std::optional<IndexValue> equals;     ///< with an index: rows of exactly this value, by key
  std::optional<std::string> contains;  ///< with a text index: rows whose value contains this text (bytewise), by key
  std::optional<IndexValue> at_most;    ///< with an index: rows up to this value, by value then key
  Order order = Order::descending;
  std::optional<Key> after;  ///< with `equals`, `contains` or no index: rows beyond this key in the order
};

/// Where the items of a page stand, so that pages of several databases can be merged into one.
struct PageTrace {
  std::vector<Key> keys;  ///< of the page's items, in their order
  std::uint32_t limit = 0;
  Scan::Order order = Scan::Order::descending;
};

struct DeadLetter;

/// Which dead letters of a protocol are read.
struct DeadLetterScan {
  std::optional<Uuid> operation;  ///< this one, whole; else all of them, without the bodies of their messages
  std::optional<Uuid> after;      ///< of all: those whose operation is beyond this one
};

/// One consistent, read-only view of a protocol's committed rows on this node.
class Snapshot {
 public:
  PageTrace* trace = nullptr;  ///< filled with the page that is made

  /// Calls `visit` row by row until it returns false. The body lives until the visit returns; tables are not read.
  using Visit = std::function<bool(const Key& key, std::uint32_t layout, std::string_view body)>;

  virtual void scan(const Scan& scan, const Visit& visit) = 0;

  /// Calls `visit` for the dead letters of its entities, in the order of operations, which is that of the time when
  /// they were sent, until it returns false.
  virtual void dead_letters(const DeadLetterScan& scan, const std::function<bool(const DeadLetter&)>& visit) = 0;

 protected:
  ~Snapshot() = default;
};

}  // namespace troupe
