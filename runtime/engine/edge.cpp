#include "runtime/engine/edge.hpp"

#include "runtime/engine/host.hpp"

namespace troupe::engine {

namespace {

constexpr auto no_timeout = std::chrono::hours(24);

}  // namespace

Edge::Edge(std::string from, Host& to, const resilience::CallPolicy& policy, std::size_t loops, Instant now)
    : from_(std::move(from)), to_(to), timeout_(policy.timeout.value_or(no_timeout)), attempts_(policy.attempts) {
  if (policy.breaker) breaker_ = std::make_unique<resilience::Breaker>(*policy.breaker);
  for (std::size_t i = 0; i < loops; ++i) shares_.push_back(std::make_unique<Share>(policy.budget_percent, now));
}

std::string_view Edge::to() const { return to_.name(); }

std::uint64_t Edge::retries() const {
  std::uint64_t sum = 0;
  for (const auto& share : shares_) sum += share->retries.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace troupe::engine
