#pragma once

#include <cstdint>
#include <memory>

#include <troupe/engine/shard.hpp>
#include <troupe/loop/loop_driver.hpp>

namespace troupe::engine {

/// CAF, as this engine uses it: one actor for each shard, whose mailbox is the one road to it from other loops, in the
/// order of each sender; a scheduler that runs actors on our loops only. Nothing else includes CAF.
class ActorSystem {
 public:
  explicit ActorSystem(loop::LoopDriver& driver);
  ~ActorSystem();
  ActorSystem(const ActorSystem&) = delete;
  ActorSystem& operator=(const ActorSystem&) = delete;

  /// Before the loops start.
  void give_mailbox(Shard& shard);
  /// Hands an envelope to a shard of another loop. Threads: any. A full mailbox refuses with `overloaded`.
  void deliver(Shard& shard, EnvelopePtr envelope, std::uint64_t hash);
  /// Tells a shard of another loop that an ask of this entity was given up, after the envelopes that were handed over
  /// from here before. Threads: any.
  void withdraw(Shard& shard, const Key& target, std::uint64_t hash);
  /// After the loops have stopped: no actor runs any more.
  void refuse();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::engine
