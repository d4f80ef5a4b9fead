#pragma once

#include <array>
#include <mutex>

#include <troupe/contract/key.hpp>
#include <troupe/storage/sqlite/detail/database/connection.hpp>

namespace troupe::storage::sqlite {

/// The highest id among a store's rows and the commits on their way to it. Ids are ordered by time, so that what is
/// made now lies above it: a new entity is known to have no row without a look into the database.
///
/// Kept apart by slices of the keys' hash, because ids of the same millisecond come in any order.
/// Only the process that holds the file's lock may count on it. Threads: any.
class HighWaterMark {
 public:
  explicit HighWaterMark(Connection& connection);

  /// Raises the mark to this key. Call it before a commit of the key can become visible.
  void saw(const Key& key);
  /// Makes `is_before` answer false from now on.
  void invalidate();
  /// True: the store has no row of this key. False: it may have one.
  bool is_before(const Key& key) const;

 private:
  struct Slice {
    mutable std::mutex mutex;
    Uuid highest;
  };

  const Slice& slice_of(const Key& key) const { return slices_[key.shard_hash() % slices_.size()]; }
  Slice& slice_of(const Key& key) { return slices_[key.shard_hash() % slices_.size()]; }

  std::array<Slice, 64> slices_;
};

}  // namespace troupe::storage::sqlite
