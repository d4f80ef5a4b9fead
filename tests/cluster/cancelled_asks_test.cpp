// Asks of a peer that nobody waits for any more, and that have not begun: nothing is kept of them, so that whoever
// gives up often does not shut the link for others.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cluster/routed_node.hpp"

namespace troupe::cluster {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using transport::FrameType;
using transport::Recorder;
using transport::SendResult;

/// On how many loops the node runs; what is asked lives on the last.
class CancelledAsks : public testing::TestWithParam<std::size_t> {
 protected:
  CancelledAsks() { node_.start(); }

  void ask(std::uint64_t request, const Key& key, std::string message, const auto& body) {
    ASSERT_EQ(node_.ask_here(request, call_of(std::move(message), key, keyed(body)), 120s), SendResult::accepted);
  }
  void cancel(std::uint64_t request) { node_.to_here->cancel(node_.world.loop(0), request); }
  std::vector<std::uint64_t> replied() const {
    std::vector<std::uint64_t> requests;
    for (const auto& each : node_.received(FrameType::reply)) requests.push_back(each.request);
    return requests;
  }
  std::size_t unanswered() {
    std::size_t count = 0;
    node_.links_here->each_link(node_.world.loop(0), [&](transport::Link& link) { count += link.status().unanswered; });
    return count;
  }
  /// Asks that its entities have in their queues.
  std::uint64_t waiting() const {
    std::uint64_t count = 0;
    for (const auto& shard : node_.engine.find_host("box")->shards()) count += shard->counters().waiting;
    return count;
  }
  std::string what_is_in_the_box() {
    const auto look = node_.ask<box::Look, box::Api>(key_, 10s);
    node_.eventually([&] { return look->has_value(); });
    return ***look;
  }

  RoutedNode node_{Recorder::Manner::silent, {.window = 10'000}, GetParam()};
  const Key key_ = key_on(GetParam() - 1);

 private:
  static Key key_on(std::size_t loop) {
    for (std::uint64_t i = 1;; ++i) {
      const Key key(Uuid{1, i});
      if (key.shard_hash() % 64 % GetParam() == loop) return key;
    }
  }
};

TEST_P(CancelledAsks, GiveTheirCreditBackWhileTheirEntityIsBusy) {
  ask(1, key_, "Hold", box::Hold{50s});
  std::uint64_t request = 2;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t first = request;
    for (; request < first + 4; ++request) ask(request, key_, "Put", box::Put{std::string(3'000, 'x')});
    node_.world.advance(1s);
    for (std::uint64_t each = first; each < request; ++each) cancel(each);
    node_.world.advance(1s);
  }
  ask(request, Key("another"), "Look", box::Look{});
  node_.world.advance(1s);
  EXPECT_THAT(replied(), ElementsAre(request));
  EXPECT_EQ(unanswered(), 1U) << "of all that went to the busy one, only what it does is still there";
  node_.world.advance(60s);
  EXPECT_THAT(replied(), ElementsAre(request, 1U));
  EXPECT_EQ(what_is_in_the_box(), "");
}

TEST_P(CancelledAsks, LeaveTheOthersInTheirOrder) {
  ask(1, key_, "Hold", box::Hold{5s});
  ask(2, key_, "Put", box::Put{"first"});
  ask(3, key_, "Put", box::Put{"given up"});
  ask(4, key_, "Put", box::Put{"second"});
  ask(5, key_, "Put", box::Put{"given up"});
  node_.world.advance(1s);
  cancel(3);
  cancel(5);
  node_.world.advance(1s);
  EXPECT_EQ(unanswered(), 3U);
  node_.world.advance(10s);
  EXPECT_THAT(replied(), ElementsAre(1U, 2U, 4U));
  EXPECT_EQ(what_is_in_the_box(), "second");
  EXPECT_EQ(unanswered(), 0U);
}

TEST_P(CancelledAsks, AreNotKeptForALinkThatIsGone) {
  ask(1, key_, "Hold", box::Hold{50s});
  for (std::uint64_t request = 2; request < 10; ++request) ask(request, key_, "Put", box::Put{"given up"});
  node_.world.advance(1s);
  EXPECT_EQ(waiting(), 8U);
  node_.network.crash("there");
  node_.world.advance(10s);
  EXPECT_EQ(waiting(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Loops, CancelledAsks, testing::Values(1, 2));

}  // namespace
}  // namespace troupe::cluster
