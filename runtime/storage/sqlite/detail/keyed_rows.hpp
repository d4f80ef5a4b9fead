#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <troupe/contract/key.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// A table of a protocol's file whose rows belong to entities; both names quoted where they have to be.
struct KeyedTable {
  std::string name;
  std::string key;  ///< the column with the entity's key
};

/// Every such table, the indexes among them.
std::vector<KeyedTable> keyed_tables(Connection& connection);

/// What a part of a file holds: equal for equal rows, in whatever order and file; sums of parts are those of the whole.
struct Tally {
  std::uint64_t entities = 0;
  std::uint64_t rows = 0;  ///< of all tables, those of the entities included
  std::uint64_t checksum = 0;

  Tally& operator+=(const Tally& other);
  friend bool operator==(const Tally&, const Tally&) = default;
};

/// Which part a key belongs to.
using PartOf = std::function<std::uint64_t(const Key& key)>;

/// The whole file by parts. Errors: throws Error, for a malformed key too.
std::map<std::uint64_t, Tally> tally(Connection& connection, const PartOf& part_of);

/// The same without checksums and without the rows that an entity cannot have alone: cheaper.
std::map<std::uint64_t, Tally> count(Connection& connection, const PartOf& part_of);

/// Makes `part_of(key)` known to the connection's SQL; there, a malformed key is an error.
void define_part_of(Connection& connection, const PartOf& part_of);

}  // namespace troupe::storage::sqlite
