#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <troupe/engine/shard.hpp>

namespace troupe::engine {

/// That of a worker's shard, which is no actor: its loop's queue.
class WorkerMailbox final : public Mailbox {
 public:
  explicit WorkerMailbox(Shard& shard) : shard_(shard) {}

  void deliver(EnvelopePtr envelope, std::uint64_t hash) override;
  void withdraw(const Key& target, std::uint64_t hash) override;
  void probe(std::shared_ptr<ShardProbe> probe) override;

 private:
  Shard& shard_;
  std::atomic<std::uint32_t> under_way_{0};
};

}  // namespace troupe::engine
