// The shop in simulation: the same in every placement, over calm links and over links that break.
#include <gtest/gtest.h>

#include <string>

#include <troupe/testing/equivalence.hpp>
#include "tests/placement/shop_suite.hpp"

namespace shop::testing {
namespace {

using troupe::testing::ClusterOptions;
using troupe::testing::Equivalence;
using troupe::testing::NetworkFaults;
using troupe::testing::seeds;

/// The suite of what takes no time of its own, and that of what happens by itself.
class Shop : public ::testing::Test {
 protected:
  std::string difference_on(const ClusterOptions& cluster) {
    auto found = at_once_.difference_on(cluster);
    return found.empty() ? timed_.difference_on(cluster) : found;
  }

 private:
  const troupe::node::Application application_ = shop_application();
  Equivalence at_once_{application_, shop_scenarios(), suite_options()};
  Equivalence timed_{application_, timed_scenarios(), suite_options(timed_settings)};
};

class ShopInOneProcess : public Shop {
 protected:
  static constexpr const char* placement_ = "gateway user product order";
};

TEST_F(ShopInOneProcess, IsTheSameInAnyOrderOfEvents) {
  for (const auto seed : seeds(1)) EXPECT_EQ(difference_on({.placement = placement_, .seed = seed + 1}), "");
}

TEST_F(ShopInOneProcess, IsTheSameWithMessagesEncodedAndDeliveredTwice) {
  for (const auto seed : seeds(1)) {
    EXPECT_EQ(
        difference_on({.placement = placement_, .seed = seed, .messages = ClusterOptions::Messages::encoded_twice}),
        "");
  }
}

class ShopOnNodes : public Shop, public ::testing::WithParamInterface<const char*> {};

TEST_P(ShopOnNodes, IsTheSame) {
  for (const auto seed : seeds(1)) {
    EXPECT_EQ(difference_on({.placement = GetParam(), .seed = seed}), "");
    EXPECT_EQ(difference_on({.placement = GetParam(), .seed = seed, .network = NetworkFaults::broken_connections}), "");
  }
}

#ifdef TROUPE_SANITIZED
INSTANTIATE_TEST_SUITE_P(Everywhere, ShopOnNodes,
                         ::testing::Values("gateway | user | product | order", "gateway*2 user product | order*3"));
#else
INSTANTIATE_TEST_SUITE_P(Everywhere, ShopOnNodes,
                         ::testing::Values("gateway | user product order", "gateway | user product | order",
                                           "gateway | user order | product", "gateway | user | product order",
                                           "gateway | user | product | order", "gateway user product | order*3",
                                           "gateway order | user*3 | product*2", "gateway*2 | user product order",
                                           "gateway*2 user product order | payment | shipping"));
#endif

}  // namespace
}  // namespace shop::testing
