#pragma once

#include <memory>

#include <troupe/contract/store.hpp>
#include <troupe/engine/tree.hpp>

namespace troupe::engine {

/// What the supervision tree has of the store of a protocol: its lane, which is up before the protocol's shards start
/// and until they have ended. Where it crashes, its supervisor has it made anew; shards and entities stay.
///
/// Threads: of the first loop.
class StorageLane final : public Leaf {
 public:
  /// How its lives are made. Lifetime: the store outlives them.
  static LeafSpec of(Store& store);

  ~StorageLane() override;

  void start(Told told) override;
  void exit(ExitSignal signal) override;

 private:
  struct Life;
  /// Whose lane the store's is; shared by all lives. One whose supervisor has not waited for its end is so no more.
  using Owner = std::shared_ptr<const StorageLane*>;

  StorageLane(Store& store, loop::Loop& loop, Owner owner);

  Store& store_;
  loop::Loop& loop_;
  Owner owner_;
  std::shared_ptr<Life> life_;
};

}  // namespace troupe::engine
