// Peers that say nothing, over real sockets: those that are busy live, those whose machine is out of reach do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <future>

#include "tests/transport/raw_socket.hpp"
#include "tests/transport/socket_node.hpp"

namespace troupe::transport {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Matcher;
using testing::Not;
using testing::Pair;

constexpr milliseconds heartbeat{100};
constexpr unsigned silent_heartbeats = 5;
constexpr milliseconds first_limit = heartbeat * silent_heartbeats;

Limits limits_with(milliseconds stuck_after) {
  Limits limits;
  limits.heartbeat = heartbeat;
  limits.silent_heartbeats = silent_heartbeats;
  limits.stuck_after = stuck_after;
  return limits;
}

/// A handler that does not come to an end: its loop does nothing else meanwhile.
class Busy {
 public:
  explicit Busy(loop::Loop& loop) {
    loop.call([this] {
      begun_.set_value();
      end_.get_future().wait();
      ended_.set_value();
    });
    begun_.get_future().wait();
  }
  ~Busy() {
    end_.set_value();
    ended_.get_future().wait();
  }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::promise<void> begun_;
  std::promise<void> end_;
  std::promise<void> ended_;
};

/// For how long a node has heard nothing on its one link.
milliseconds silence_at(SocketNode& node) {
  milliseconds silence{};
  node.on_loop(
      0, [&](loop::Loop& loop) { node.links.each_link(loop, [&](Link& link) { silence = link.status().silent; }); });
  return silence;
}

/// Two nodes and a link between them, which has carried an ask.
struct LinkedPair {
  explicit LinkedPair(milliseconds stuck_after, const std::string& address = "127.0.0.1:0")
      : catalog(make_self("catalog", 1), {.limits = limits_with(stuck_after)}),
        orders(make_self("orders", 2), {.limits = limits_with(stuck_after)}) {
    catalog.links.listen(address);
    to_catalog = &orders.links.add_peer("catalog", catalog.links.address());
    catalog.loops.start();
    orders.loops.start();
    EXPECT_EQ(orders.ask(*to_catalog, 1, "x"), SendResult::accepted);
    EXPECT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 1; }));
  }
  /// All goes on over the link that was there from the beginning.
  void expect_untouched() {
    EXPECT_TRUE(orders.eventually([&] { return silence_at(orders) + silence_at(catalog) == milliseconds{}; }));
    EXPECT_THAT(orders.recorder.downs(), IsEmpty());
    EXPECT_THAT(catalog.recorder.downs(), IsEmpty());
    EXPECT_THAT(orders.recorder.lost(), IsEmpty());
    EXPECT_EQ(orders.recorder.ups(), 1U);
  }

  SocketNode catalog;
  SocketNode orders;
  Peer* to_catalog = nullptr;
};

constexpr milliseconds never = std::chrono::minutes(10);

TEST(BusyPeer, KeepsItsLinkAndAnswersWhenItCan) {
  LinkedPair pair(never);
  {
    const Busy busy(pair.catalog.loops.loop(0));
    EXPECT_EQ(pair.orders.ask(*pair.to_catalog, 2, "x"), SendResult::accepted);
    EXPECT_TRUE(pair.orders.eventually([&] { return silence_at(pair.orders) >= 3 * first_limit; }));
    EXPECT_EQ(pair.orders.recorder.silences(), 1U);
    EXPECT_EQ(pair.orders.ask(*pair.to_catalog, 3, "x"), SendResult::accepted) << "it is still there";
  }
  EXPECT_TRUE(pair.orders.eventually([&] { return pair.orders.recorder.answers() == 3; }));
  pair.expect_untouched();
}

TEST(BusyPeer, KeepsItsLinkOverAUnixSocketToo) {
  const auto path = std::filesystem::temp_directory_path() / ("busy-" + std::to_string(getpid()));
  LinkedPair pair(never, "unix:" + path.string());
  {
    const Busy busy(pair.catalog.loops.loop(0));
    EXPECT_TRUE(pair.orders.eventually([&] { return silence_at(pair.orders) >= 2 * first_limit; }));
  }
  pair.expect_untouched();
}

TEST(BusyPeer, ThatWasBusyItselfBlamesNobody) {
  LinkedPair pair(never);
  {
    const Busy busy(pair.orders.loops.loop(0));
    EXPECT_TRUE(pair.catalog.eventually([&] { return silence_at(pair.catalog) >= 2 * first_limit; }));
    const Busy both(pair.catalog.loops.loop(0));
  }
  EXPECT_EQ(pair.orders.ask(*pair.to_catalog, 2, "x"), SendResult::accepted);
  EXPECT_TRUE(pair.orders.eventually([&] { return pair.orders.recorder.answers() == 2; }));
  pair.expect_untouched();
}

TEST(BusyPeer, ThatDoesNotComeBackIsLeft) {
  LinkedPair pair(2 * first_limit);
  const Busy busy(pair.catalog.loops.loop(0));
  EXPECT_EQ(pair.orders.ask(*pair.to_catalog, 2, "x"), SendResult::accepted);
  EXPECT_TRUE(pair.orders.eventually([&] { return !pair.orders.recorder.downs().empty(); }));
  EXPECT_THAT(pair.orders.recorder.downs(), ElementsAre(HasSubstr("the peer hangs")));
  EXPECT_THAT(pair.orders.recorder.lost(), ElementsAre(Pair(2, Fate::unknown)));
}

/// A client whose other end is the test.
class SilentClient : public testing::Test {
 protected:
  void serve(milliseconds stuck_after) {
    node.emplace(make_self("catalog", 1), SocketNode::Options{.limits = limits_with(stuck_after)});
    node->links.listen("127.0.0.1:0");
    node->loops.start();
    socket.emplace(RawSocket::connect(node->links.address()));
    socket->shake_hands("test", "silent");
  }
  void expect_down(const Matcher<std::string>& why) {
    ASSERT_TRUE(node->eventually([&] { return !node->recorder.downs().empty(); }));
    EXPECT_THAT(node->recorder.downs().at(0), why);
  }

  std::optional<SocketNode> node;
  std::optional<RawSocket> socket;
};

TEST_F(SilentClient, IsLeftAtTheFirstLimitWhenItsMachineIsOutOfReach) {
  serve(never);
  if (!socket->go_deaf()) GTEST_SKIP() << "this system has no socket filters";
  expect_down(HasSubstr("half-open"));
}

TEST_F(SilentClient, IsLeftSoonAfterItsMachineHasGoneThoughItWasBusyBefore) {
  serve(never);
  ASSERT_TRUE(node->eventually([&] { return silence_at(*node) >= 2 * first_limit; }));
  if (!socket->go_deaf()) GTEST_SKIP() << "this system has no socket filters";
  expect_down(HasSubstr("half-open"));
}

TEST_F(SilentClient, IsLeftAtOnceWhenItsProcessEnds) {
  serve(never);
  ASSERT_TRUE(node->eventually([&] { return silence_at(*node) >= first_limit; }));
  socket.reset();
  expect_down(Not(HasSubstr("heartbeats")));
}

/// Asks for answers that it never reads, until its window is closed.
TEST_F(SilentClient, ThatReadsNothingIsBusyNotGone) {
  serve(4 * first_limit);
  Bytes ask;
  append_frame(ask, {FrameType::ask, 0, 1, Bytes(100'000)});
  const auto is_full = [&] {
    std::size_t queued = 0;
    node->on_loop(
        0, [&](loop::Loop& loop) { node->links.each_link(loop, [&](Link& link) { queued = link.status().queued; }); });
    return queued > ask.size();
  };
  // Credit is not what this is about: it is given back as soon as an ask is answered.
  ASSERT_TRUE(node->eventually([&] {
    socket->write(ask);
    return is_full();
  }));
  expect_down(HasSubstr("the peer hangs"));
}

}  // namespace
}  // namespace troupe::transport
