// Where an ask is among those of its entity.

#include <troupe/engine/detail/ask_position.hpp>

#include <utility>

#include <troupe/engine/detail/turn.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

AskPosition Shard::position_of(const Key& target, const AskNumber& ask) const {
  const auto found = activations_.find(Lookup{target, target.shard_hash()});
  if (found == activations_.end()) return {};
  const Activation& activation = **found;
  AskPosition position;
  for (const Turn* turn = activation.turns; turn; turn = turn->next) {
    if (ask.names(*turn->handles())) return {deadlock::Standing::begun, {turn}};
    position.turns.push_back(turn);
  }
  const Envelope* queued = activation.first;
  while (queued && !ask.names(*queued)) queued = queued->next_in_queue;
  if (!queued) return {};
  position.standing = deadlock::Standing::queued;
  // Where the first can start, a drain is under way, and the queue waits for no turn.
  if (may_start(activation, *activation.first)) position.turns.clear();
  return position;
}

EnvelopePtr Shard::take_deadlocked(const Key& target, const AskNumber& ask) {
  const auto found = activations_.find(Lookup{target, target.shard_hash()});
  if (found == activations_.end()) return {};
  Activation& activation = **found;
  EnvelopePtr taken;
  for (auto left = activation.waiting; left > 0; --left) {
    EnvelopePtr envelope = dequeue(activation);
    if (ask.names(*envelope)) {
      taken = std::move(envelope);
    } else {
      enqueue(activation, std::move(envelope));
    }
  }
  if (taken) counters_.deadlocks.fetch_add(1, std::memory_order_relaxed);
  // What stood behind it may start now.
  if (taken && activation.first && activation.phase == Activation::Phase::ready) queue_drain(activation);
  return taken;
}

}  // namespace troupe::engine
