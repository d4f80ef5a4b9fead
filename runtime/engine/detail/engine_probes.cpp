// The way of probes from one loop to another, and to other nodes.

#include <utility>

#include <troupe/engine/detail/deadlock_detector.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

void Engine::follow(const PendingRequests::OpenAsk& waiting, const LoopState& from, deadlock::Probe probe) {
  if (ended_) return;
  const Envelope& asked = *waiting.asked;
  Shard* const shard = waiting.host->shard_of(asked.target.shard_hash());
  if (!shard || carries_ == Carries::all_asks) {
    return remote_->follow(*waiting.host, asked, waiting.request, probe, from.loop);
  }
  visit(*shard, asked.target, {&from, waiting.request}, std::move(probe));
}

void Engine::visit(Host& host, const Key& target, std::uint64_t number, loop::Loop& from, deadlock::Probe probe) {
  Shard* const shard = ended_ ? nullptr : host.shard_of(target.shard_hash());
  if (shard) visit(*shard, target, {&state_of(from), number}, std::move(probe));
}

void Engine::visit(Shard& shard, const Key& target, AskNumber ask, deadlock::Probe probe) {
  shard.loop().call([&shard, target, ask, probe = std::move(probe)]() mutable {
    shard.loop_state().deadlocks->visit(shard, target, ask, std::move(probe));
  });
}

}  // namespace troupe::engine
