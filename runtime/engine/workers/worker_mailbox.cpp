#include <troupe/engine/workers/worker_mailbox.hpp>

#include <utility>

#include <troupe/engine/detail/shard_probe.hpp>

namespace troupe::engine {

void WorkerMailbox::deliver(EnvelopePtr envelope, std::uint64_t) {
  if (under_way_.fetch_add(1, std::memory_order_relaxed) >= limit) {
    under_way_.fetch_sub(1, std::memory_order_relaxed);
    envelope->failure = std::make_unique<Failure>(
        Failure::not_executed(failure_code::overloaded, "too many calls are on their way to one worker"));
    return Shard::answer(std::move(envelope));
  }
  shard_.loop().post({[](void* e, std::uint64_t to) {
                        auto owned = EnvelopePtr::adopt(static_cast<Envelope*>(e));
                        const std::uint64_t hash = owned->target.shard_hash();
                        auto& self = *reinterpret_cast<WorkerMailbox*>(to);
                        self.under_way_.fetch_sub(1, std::memory_order_relaxed);
                        self.shard_.deliver(std::move(owned), hash);
                      },
                      envelope.release(), reinterpret_cast<std::uint64_t>(this),
                      [](void* e) { EnvelopePtr::adopt(static_cast<Envelope*>(e)); }});
}

void WorkerMailbox::withdraw(const Key& target, std::uint64_t hash) {
  shard_.loop().call([&shard = shard_, target, hash] { shard.withdraw(target, hash); });
}

void WorkerMailbox::probe(std::shared_ptr<ShardProbe> probe) {
  shard_.loop().call([&shard = shard_, probe = std::move(probe)] { ShardProbe::reach(probe, shard); });
}

}  // namespace troupe::engine
