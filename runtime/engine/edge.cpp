#include <troupe/engine/edge.hpp>

#include <troupe/engine/host.hpp>

namespace troupe::engine {

namespace {

constexpr auto no_timeout = std::chrono::hours(24);

}  // namespace

Edge::Edge(std::string from, Host& to, const resilience::CallPolicy& policy, std::size_t loops, Instant now,
           Declared declared)
    : from_(std::move(from)),
      to_(to),
      timeout_(policy.timeout.value_or(no_timeout)),
      attempts_(policy.attempts),
      declared_(std::move(declared)) {
  const auto add = [&](std::string branch) {
    branches_.push_back(std::make_unique<Branch>(*this, std::move(branch), policy, loops, now));
  };
  for (const auto& owner : to.owners()) add(owner);
  if (branches_.size() > 1) add("all nodes");
}

std::size_t Edge::position_of(const Envelope& envelope) const {
  if (envelope.info->scope == Scope::entity) return to_.owner_of(envelope.target.shard_hash());
  return envelope.extent == Extent::here ? to_.own_position() : branches_.size() - 1;
}

std::string_view Edge::to() const { return to_.name(); }

std::uint64_t Edge::retries() const {
  std::uint64_t sum = 0;
  for (const auto& branch : branches_) sum += branch->retries();
  return sum;
}

Edge::Branch::Branch(const Edge& edge, std::string to, const resilience::CallPolicy& policy, std::size_t loops,
                     Instant now)
    : edge_(edge), to_(std::move(to)) {
  if (policy.breaker) breaker_ = std::make_unique<resilience::Breaker>(*policy.breaker);
  for (std::size_t i = 0; i < loops; ++i)
    counters_.push_back(std::make_unique<LoopCounters>(policy.budget_percent, now));
}

std::uint64_t Edge::Branch::retries() const {
  std::uint64_t sum = 0;
  for (const auto& loop : counters_) sum += loop->retries.load(std::memory_order_relaxed);
  return sum;
}

Edge::Declared Caller::declared_of(const ProtocolInfo& to) const {
  if (!messages_ || own_ == &to) return std::nullopt;
  std::vector<bool> declared(to.size);
  for (const auto* message : *messages_) {
    if (message->protocol == &to) declared[message->index] = true;
  }
  return declared;
}

}  // namespace troupe::engine
