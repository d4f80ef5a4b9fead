// Links over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>

#include "tests/transport/raw_socket.hpp"
#include "tests/transport/socket_node.hpp"

namespace troupe::transport {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(SocketLinks, AnswerAnAsk) {
  SocketNode catalog(make_self("catalog", 1));
  SocketNode orders(make_self("orders", 2));
  catalog.links.listen("127.0.0.1:0");
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  catalog.loops.start();
  orders.loops.start();
  EXPECT_EQ(orders.ask(peer, 7, "hello"), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 1; }));
  EXPECT_EQ(orders.recorder.received().front().payload, "hello");
  EXPECT_EQ(catalog.recorder.received().front().from, "orders");
}

TEST(SocketLinks, ReadEachFrameOnTheLoopOfItsShard) {
  SocketNode catalog(make_self("catalog", 1), {.loops = 3});
  SocketNode orders(make_self("orders", 2), {.loops = 2});
  catalog.links.listen("127.0.0.1:0");
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  catalog.loops.start();
  orders.loops.start();
  for (std::size_t shard = 0; shard < 12; ++shard) {
    EXPECT_EQ(orders.ask(peer, shard, std::to_string(shard), shard, shard % 2), SendResult::accepted);
  }
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 12; }));
  for (const auto& received : catalog.recorder.received()) EXPECT_EQ(received.loop, received.request % 3);
  for (const auto& received : orders.recorder.received()) EXPECT_EQ(received.loop, received.request % 2);
  EXPECT_EQ(orders.recorder.ups(), 6U);
}

TEST(SocketLinks, RunOverUnixSocketsToo) {
  const auto folder = std::filesystem::temp_directory_path() / ("links-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = (folder / "catalog").string();
  {
    SocketNode catalog(make_self("catalog", 1), {.loops = 2});
    SocketNode orders(make_self("orders", 2));
    catalog.links.listen("unix:" + path);
    EXPECT_EQ(catalog.links.address(), "unix:" + path);
    EXPECT_THROW(orders.links.listen("unix:" + path), ListenError) << "it is in use";
    Peer& peer = orders.links.add_peer("catalog", "unix:" + path);
    catalog.loops.start();
    orders.loops.start();
    EXPECT_EQ(orders.ask(peer, 1, "one", 1), SendResult::accepted);
    EXPECT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 1; }));
  }
  EXPECT_FALSE(std::filesystem::exists(path)) << "its file goes with it";
  {
    // A process that was killed leaves its file behind.
    {
      const RawListener killed(path);
    }
    SocketNode catalog(make_self("catalog", 1));
    EXPECT_NO_THROW(catalog.links.listen("unix:" + path));
  }
  std::filesystem::remove_all(folder);
}

TEST(SocketLinks, CannotListenWhereSomebodyElseDoes) {
  SocketNode first(make_self("first", 1));
  SocketNode second(make_self("second", 2));
  first.links.listen("127.0.0.1:0");
  EXPECT_THROW(second.links.listen(first.links.address()), ListenError);
  EXPECT_THROW(second.links.listen("nonsense"), ListenError);
  EXPECT_THROW(second.links.add_peer("third", "nonsense"), std::invalid_argument);
}

TEST(SocketLinks, SayWhenNobodyListens) {
  std::string nowhere;
  {
    SocketNode gone(make_self("catalog", 1));
    gone.links.listen("127.0.0.1:0");
    nowhere = gone.links.address();
  }
  SocketNode orders(make_self("orders", 2));
  Peer& peer = orders.links.add_peer("catalog", nowhere);
  orders.loops.start();
  EXPECT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return !orders.recorder.lost().empty(); }));
  EXPECT_EQ(orders.recorder.lost().at(1), Fate::not_executed);
  EXPECT_THAT(orders.recorder.unreachable().at(0), AllOf(HasSubstr(nowhere), HasSubstr("refused")));
}

TEST(SocketLinks, SayWhenAPeerNeverAnswers) {
  RawListener mute;
  Limits limits;
  limits.handshake = std::chrono::milliseconds(100);
  SocketNode orders(make_self("orders", 2), {.limits = limits});
  Peer& peer = orders.links.add_peer("catalog", mute.address());
  orders.loops.start();
  EXPECT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return !orders.recorder.lost().empty(); }));
  EXPECT_EQ(orders.recorder.refused().at(0).reason, RefusalReason::timed_out);
}

TEST(SocketLinks, ComeBackToANodeThatWasStartedAnew) {
  Limits limits;
  limits.reconnect.longest = std::chrono::milliseconds(50);
  SocketNode orders(make_self("orders", 2), {.limits = limits});
  auto catalog = std::make_unique<SocketNode>(make_self("catalog", 1));
  catalog->links.listen("127.0.0.1:0");
  const std::string address = catalog->links.address();
  Peer& peer = orders.links.add_peer("catalog", address);
  catalog->loops.start();
  orders.loops.start();
  EXPECT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 1; }));
  catalog.reset();
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.downs().size() == 1; }));

  Self again = make_self("catalog", 3);
  again.identity.incarnation = 2;
  SocketNode successor(again);
  successor.links.listen(address);
  successor.loops.start();
  std::uint64_t request = 2;
  EXPECT_TRUE(orders.eventually([&] {
    static_cast<void>(orders.ask(peer, request++, "x"));
    return orders.recorder.answers() > 1;
  }));
}

TEST(SocketLinks, DrainWhileAsksAreUnderWay) {
  SocketNode catalog(make_self("catalog", 1), {.loops = 2});
  SocketNode orders(make_self("orders", 2), {.loops = 2});
  catalog.links.listen("127.0.0.1:0");
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  catalog.loops.start();
  orders.loops.start();
  std::size_t accepted = 0;
  std::atomic<bool> drained = false;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    if (i == 1000) catalog.links.drain(std::chrono::minutes(1), [&] { drained = true; });
    accepted += orders.ask(peer, i, "x", i, i / 2 % 2) == SendResult::accepted ? 1 : 0;
  }
  ASSERT_TRUE(catalog.eventually([&] { return drained.load(); }));
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.downs().size() == orders.recorder.ups(); }));
  for (const auto& [request, fate] : orders.recorder.lost()) EXPECT_EQ(fate, Fate::not_executed) << request;
  EXPECT_TRUE(orders.eventually([&] { return orders.recorder.answers() + orders.recorder.lost().size() == accepted; }));
  EXPECT_GE(orders.recorder.answers(), 900U);
}

TEST(SocketLinks, ServeBothDirectionsWhoeverOpenedThem) {
  SocketNode catalog(make_self("catalog", 1));
  SocketNode orders(make_self("orders", 2));
  catalog.links.listen("127.0.0.1:0");
  orders.links.listen("127.0.0.1:0");
  Peer& to_catalog = orders.links.add_peer("catalog", catalog.links.address());
  Peer& to_orders = catalog.links.add_peer("orders", orders.links.address());
  catalog.loops.start();
  orders.loops.start();
  EXPECT_EQ(orders.ask(to_catalog, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 1; }));
  EXPECT_EQ(catalog.ask(to_orders, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(catalog.eventually([&] { return catalog.recorder.answers() == 1; }));
  EXPECT_EQ(catalog.recorder.ups(), 1U) << "the link that was there is used";
}

}  // namespace
}  // namespace troupe::transport
