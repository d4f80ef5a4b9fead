// Links over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/transport/socket_node.hpp"

namespace troupe::transport {
namespace {

TEST(SocketLinks, AnswerAnAsk) {
  SocketNode catalog(make_self("catalog", 1));
  SocketNode orders(make_self("orders", 2));
  catalog.links.listen("127.0.0.1:0");
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  catalog.loops.start();
  orders.loops.start();
  EXPECT_EQ(orders.ask(peer, 7, "hello"), Sent::accepted);
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
    EXPECT_EQ(orders.ask(peer, shard, std::to_string(shard), shard, shard % 2), Sent::accepted);
  }
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.answers() == 12; }));
  for (const auto& received : catalog.recorder.received()) EXPECT_EQ(received.loop, received.request % 3);
  for (const auto& received : orders.recorder.received()) EXPECT_EQ(received.loop, received.request % 2);
  EXPECT_EQ(orders.recorder.ups(), 6U);
}

}  // namespace
}  // namespace troupe::transport
