// The shop in simulation: the same in every placement, over calm and stormy links.
#include <gtest/gtest.h>

#include <string>

#include "runtime/testing/equivalence.hpp"
#include "runtime/testing/placement.hpp"
#include "tests/placement/shop_suite.hpp"

namespace shop::testing {
namespace {

using troupe::testing::ClusterOptions;
using troupe::testing::Equivalence;
using troupe::testing::seeds;
using troupe::testing::Weather;

constexpr const char* one_process = "gateway user product order";

/// The suite of what takes no time of its own, then that of what happens by itself.
std::string difference_on(const ClusterOptions& cluster) {
  const auto application = shop_application();
  Equivalence shop(application, shop_scenarios(), suite_options());
  if (auto found = shop.difference_on(cluster); !found.empty()) return found;
  Equivalence timed(application, timed_scenarios(), suite_options(timed_settings));
  return timed.difference_on(cluster);
}

TEST(ShopInOneProcess, IsTheSameInAnyOrderOfEvents) {
  for (const auto seed : seeds(2)) EXPECT_EQ(difference_on({.placement = one_process, .seed = seed + 1}), "");
}

TEST(ShopInOneProcess, IsTheSameWithMessagesEncodedAndDeliveredTwice) {
  for (const auto seed : seeds(2)) {
    EXPECT_EQ(
        difference_on({.placement = one_process, .seed = seed, .messages = ClusterOptions::Messages::encoded_twice}),
        "");
  }
}

class ShopOnNodes : public ::testing::TestWithParam<const char*> {};

TEST_P(ShopOnNodes, IsTheSameOverCalmLinks) {
  for (const auto seed : seeds(1)) EXPECT_EQ(difference_on({.placement = GetParam(), .seed = seed}), "");
}

TEST_P(ShopOnNodes, IsTheSameOverLinksThatBreak) {
  for (const auto seed : seeds(1)) {
    EXPECT_EQ(difference_on({.placement = GetParam(), .seed = seed, .weather = Weather::stormy}), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Everywhere, ShopOnNodes,
                         ::testing::Values("gateway | user product order", "gateway | user product | order",
                                           "gateway | user order | product", "gateway | user | product order",
                                           "gateway | user | product | order", "gateway user product | order*3",
                                           "gateway order | user*3 | product*2", "gateway*2 | user product order",
                                           "gateway*2 user product order | payment | shipping"));

}  // namespace
}  // namespace shop::testing
