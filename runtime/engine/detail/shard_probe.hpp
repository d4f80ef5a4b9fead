#pragma once

#include <functional>
#include <memory>
#include <string>

#include <troupe/contract/store.hpp>
#include <troupe/loop/loop.hpp>

namespace troupe::engine {

class Shard;

/// The question to a shard whether it works, on its way from its mailbox to its store and back. The store reads, and
/// then writes what changes nothing behind the commits that wait.
///
/// Threads: one at a time; `then` is called on the loop that asked. Lifetime: it keeps itself while it is at the store.
class ShardProbe final : public LoadRequest {
 public:
  /// Gets how it went, and why the shard does not work; empty: it does.
  using Then = std::function<void(StoreStatus status, std::string trouble)>;

  ShardProbe(loop::Loop& home, Then then) : home_(home), then_(std::move(then)) {}
  /// Tells, where nobody has, that its actor has ended with it.
  ~ShardProbe();
  ShardProbe(const ShardProbe&) = delete;
  ShardProbe& operator=(const ShardProbe&) = delete;

  /// It has come to its shard, whose loop this is.
  static void reach(std::shared_ptr<ShardProbe> probe, const Shard& shard);
  /// Has the store read, and no more.
  static void read(std::shared_ptr<ShardProbe> probe, Store& store);
  void answer(StoreStatus how, std::string trouble);

  void done() override;

 private:
  /// Drops a dead letter that nobody has.
  struct Write final : DeadLetterMove {
    ShardProbe& probe;
    explicit Write(ShardProbe& probe) : probe(probe) { action = Action::drop; }
    void done() override;
  };

  loop::Loop& home_;
  Then then_;                             ///< null: it is answered
  std::shared_ptr<ShardProbe> at_store_;  ///< itself, while the store has it
  Store* writes_to_ = nullptr;            ///< null: it only reads
  Write write_{*this};
};

}  // namespace troupe::engine
