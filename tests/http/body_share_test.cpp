#include <troupe/http/detail/body_share.hpp>

#include <gtest/gtest.h>

namespace troupe::http::testing {
namespace {

TEST(BodyShare, TakesFromTheAccountWhatItHoldsMore) {
  std::atomic<std::size_t> all = 10;
  BodyShare share(all, 100);
  EXPECT_TRUE(share.hold(30));
  EXPECT_EQ(all, 40u);
  EXPECT_TRUE(share.hold(50));
  EXPECT_EQ(all, 60u);
  EXPECT_TRUE(share.hold(20));
  EXPECT_EQ(all, 30u);
  share.release();
  share.release();
  EXPECT_EQ(all, 10u);
}

TEST(BodyShare, LeavesTheAccountAsItIsWhenItWouldOverflow) {
  std::atomic<std::size_t> all = 0;
  BodyShare one(all, 100);
  BodyShare other(all, 100);
  EXPECT_TRUE(one.hold(60));
  EXPECT_FALSE(other.hold(41));
  EXPECT_EQ(all, 60u);
  EXPECT_TRUE(other.hold(40));
  EXPECT_FALSE(one.hold(61));
  EXPECT_TRUE(one.hold(60)) << "what it has is its own";
}

}  // namespace
}  // namespace troupe::http::testing
