#include <troupe/engine/detail/told_once.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::engine {
namespace {

using ::testing::EndsWith;

TEST(ToldOnce, KnowsWhatItHasToldAndStopsAtItsLimit) {
  ToldOnce told;
  for (std::size_t i = 1; i < ToldOnce::limit; ++i) {
    std::string what = "mistake " + std::to_string(i);
    EXPECT_TRUE(told.is_new(what));
    EXPECT_FALSE(told.is_new(what));
  }
  std::string last = "the last one";
  EXPECT_TRUE(told.is_new(last));
  EXPECT_THAT(last, EndsWith("the last one; it is the last of 1000 such mistakes that are told"));
  std::string more = "one more";
  EXPECT_FALSE(told.is_new(more));
}

}  // namespace
}  // namespace troupe::engine
