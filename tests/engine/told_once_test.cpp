#include <troupe/engine/detail/told_once.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace troupe::engine {
namespace {

using ::testing::EndsWith;

TEST(ToldOnce, KnowsWhatItHasToldOfAMessage) {
  ToldOnce told;
  const MessageInfo ring{};
  const MessageInfo toll{};
  std::string what = "a mistake";
  EXPECT_TRUE(told.is_new(ring, what));
  EXPECT_FALSE(told.is_new(ring, what));
  EXPECT_TRUE(told.is_new(toll, what));
  EXPECT_EQ(what, "a mistake");
}

TEST(ToldOnce, TellsFewOfOneMessageWhoseMistakesNameWhatTheyAreAbout) {
  ToldOnce told;
  const MessageInfo ring{};
  for (std::size_t i = 1; i < ToldOnce::limit_of_message; ++i) {
    std::string what = "bell " + std::to_string(i) + " is cracked";
    EXPECT_TRUE(told.is_new(ring, what));
  }
  std::string last = "the last one";
  EXPECT_TRUE(told.is_new(ring, last));
  EXPECT_THAT(last, EndsWith("the last one; it is the last of 5 such mistakes of this message that are told"));
  std::string more = "one more";
  EXPECT_FALSE(told.is_new(ring, more));
  EXPECT_TRUE(told.is_new(MessageInfo{}, more)) << "of another message";
}

TEST(ToldOnce, StopsAtItsLimit) {
  ToldOnce told;
  std::deque<MessageInfo> messages(ToldOnce::limit + 1);
  std::string what = "a mistake";
  for (std::size_t i = 1; i < ToldOnce::limit; ++i) EXPECT_TRUE(told.is_new(messages[i], what));
  std::string last = "the last one";
  EXPECT_TRUE(told.is_new(messages[0], last));
  EXPECT_THAT(last, EndsWith("the last one; it is the last of 1000 such mistakes that are told"));
  EXPECT_FALSE(told.is_new(messages[ToldOnce::limit], what));
}

}  // namespace
}  // namespace troupe::engine
