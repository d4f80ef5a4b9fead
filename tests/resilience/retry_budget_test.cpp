#include <troupe/resilience/retry_budget.hpp>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace troupe::resilience {
namespace {

using namespace std::chrono_literals;

constexpr Instant beginning{1h};

int withdrawals(RetryBudget& budget, Instant now) {
  int count = 0;
  while (budget.withdraw(now)) ++count;
  return count;
}

TEST(RetryBudget, BeginsWithItsReserve) {
  RetryBudget budget(20, beginning);
  EXPECT_EQ(withdrawals(budget, beginning), 10);
}

TEST(RetryBudget, AllowsItsPartOfTheCalls) {
  for (const std::uint32_t percent : {1U, 20U, 50U, 100U, 250U}) {
    RetryBudget budget(percent, beginning);
    withdrawals(budget, beginning);
    for (int i = 0; i < 100; ++i) budget.deposit();
    EXPECT_EQ(withdrawals(budget, beginning), std::min<int>(static_cast<int>(percent), RetryBudget::most));
  }
}

TEST(RetryBudget, SavesUpNoMoreThanItsMost) {
  RetryBudget budget(100, beginning);
  for (int i = 0; i < 100'000; ++i) budget.deposit();
  EXPECT_EQ(withdrawals(budget, beginning), static_cast<int>(RetryBudget::most));
}

TEST(RetryBudget, RefillsItsReserveWithTime) {
  RetryBudget budget(20, beginning);
  withdrawals(budget, beginning);
  EXPECT_FALSE(budget.withdraw(beginning + 999ms));
  EXPECT_TRUE(budget.withdraw(beginning + 1000ms)) << "what had come in meanwhile is not lost";
  EXPECT_EQ(withdrawals(budget, beginning + 24h), 10) << "but time fills no more than the reserve";
}

TEST(RetryBudget, LetsTimeTakeNothingAway) {
  RetryBudget budget(100, beginning);
  for (int i = 0; i < 50; ++i) budget.deposit();
  EXPECT_EQ(withdrawals(budget, beginning + 24h), 60);
}

TEST(RetryBudget, AllowsNothingAtZeroPercent) {
  RetryBudget budget(0, beginning);
  budget.deposit();
  EXPECT_FALSE(budget.withdraw(beginning + 24h));
}

RC_GTEST_PROP(RetryBudget, NeverAllowsMoreThanItsPartAndItsReserve, (std::vector<bool> steps)) {
  const auto percent = *rc::gen::inRange<std::uint32_t>(1, 300);
  RetryBudget budget(percent, beginning);
  std::uint64_t calls = 0;
  std::uint64_t repeated = 0;
  Instant now = beginning;
  for (const bool call : steps) {
    now += 10ms;
    if (call) {
      budget.deposit();
      ++calls;
    } else if (budget.withdraw(now)) {
      ++repeated;
    }
  }
  const auto seconds = static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::seconds>(now - beginning).count());
  RC_ASSERT(repeated * 100 <= calls * percent + (RetryBudget::reserve + seconds) * 100);
}

}  // namespace
}  // namespace troupe::resilience
