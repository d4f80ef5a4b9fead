#include <troupe/node/detail/link_history.hpp>

#include <gtest/gtest.h>

namespace troupe::node {
namespace {

using State = LinkHistory::State;

constexpr Time at(int seconds) { return Time(std::chrono::seconds(seconds)); }

TEST(LinkHistory, KnowsNothingOfAPeerThatNobodyAsked) {
  const LinkHistory history;
  EXPECT_EQ(history.of("orders").state, State::idle);
  EXPECT_EQ(history.of("orders").since, std::nullopt);
}

TEST(LinkHistory, IsUpAsLongAsAnyConnectionIs) {
  LinkHistory history;
  history.opened("orders", at(1));
  history.opened("orders", at(2));
  history.closed("orders", at(3), "broken");
  EXPECT_EQ(history.of("orders").state, State::up);
  EXPECT_EQ(history.of("orders").since, at(1));
  EXPECT_EQ(history.of("orders").connections, 1U);
  history.closed("orders", at(4), "broken");
  EXPECT_EQ(history.of("orders").state, State::down);
  EXPECT_EQ(history.of("orders").since, at(4));
  EXPECT_EQ(history.of("orders").why, "broken");
}

TEST(LinkHistory, CountsTheTimesThatALostLinkCameBack) {
  LinkHistory history;
  history.failed("orders", at(0), "refused");
  history.opened("orders", at(1));
  EXPECT_EQ(history.of("orders").reconnects, 0U) << "it had never been up";
  for (int i = 2; i < 6; i += 2) {
    history.closed("orders", at(i), "broken");
    history.opened("orders", at(i + 1));
  }
  EXPECT_EQ(history.of("orders").reconnects, 2U);
  EXPECT_EQ(history.of("orders").why, std::nullopt) << "it is well again";
}

TEST(LinkHistory, IsDownSinceTheFirstOfManyFailures) {
  LinkHistory history;
  history.failed("orders", at(1), "refused");
  history.failed("orders", at(5), "unreachable");
  EXPECT_EQ(history.of("orders").state, State::down);
  EXPECT_EQ(history.of("orders").since, at(1));
  EXPECT_EQ(history.of("orders").why, "unreachable");
  history.opened("orders", at(6));
  history.failed("orders", at(7), "one more connection was refused");
  EXPECT_EQ(history.of("orders").state, State::up);
}

}  // namespace
}  // namespace troupe::node
