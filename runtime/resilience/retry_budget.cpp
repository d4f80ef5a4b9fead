#include <troupe/resilience/retry_budget.hpp>

namespace troupe::resilience {

RetryBudget::RetryBudget(std::uint32_t percent, Instant now)
    : percent_(percent), balance_(reserve * token), refilled_(now) {}

void RetryBudget::refill(Instant now) {
  constexpr auto of_one_hundredth = std::chrono::milliseconds(1000) / (refilled_per_second * token);
  const auto parts = (now - refilled_) / of_one_hundredth;
  if (parts <= 0) return;
  refilled_ += parts * of_one_hundredth;
  constexpr std::uint32_t full = reserve * token;
  // Time fills the reserve only; what calls have paid in beyond it stays.
  if (balance_ >= full) return;
  balance_ += static_cast<std::uint32_t>(std::min<std::int64_t>(parts, full - balance_));
}

bool RetryBudget::withdraw(Instant now) {
  if (percent_ == 0) return false;
  refill(now);
  if (balance_ < token) return false;
  balance_ -= token;
  return true;
}

}  // namespace troupe::resilience
