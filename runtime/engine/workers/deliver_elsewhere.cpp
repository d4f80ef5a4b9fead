// The way of an envelope to a shard of another loop.

#include <memory>
#include <utility>

#include <troupe/engine/caf/actor_system.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

void Engine::deliver_elsewhere(Shard& shard, EnvelopePtr envelope, std::uint64_t hash) {
  if (!shard.host().is_worker()) return actors_->deliver(shard, std::move(envelope), hash);
  // A worker's shard has no actor of its own.
  if (shard.under_way().fetch_add(1, std::memory_order_relaxed) >= Shard::mailbox_limit) {
    shard.under_way().fetch_sub(1, std::memory_order_relaxed);
    envelope->failure = std::make_unique<Failure>(
        Failure::not_executed(failure_code::overloaded, "too many calls are on their way to one worker"));
    return Shard::answer(std::move(envelope));
  }
  shard.loop().post({[](void* e, std::uint64_t to) {
                       auto owned = EnvelopePtr::adopt(static_cast<Envelope*>(e));
                       const std::uint64_t hash = owned->target.shard_hash();
                       auto& shard = *reinterpret_cast<Shard*>(to);
                       shard.under_way().fetch_sub(1, std::memory_order_relaxed);
                       shard.deliver(std::move(owned), hash);
                     },
                     envelope.release(), reinterpret_cast<std::uint64_t>(&shard),
                     [](void* e) { EnvelopePtr::adopt(static_cast<Envelope*>(e)); }});
}

}  // namespace troupe::engine
