// Peers that break the rules: each is cut with a reason, and costs a bounded amount.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/transport/raw_socket.hpp"
#include "tests/transport/socket_node.hpp"

namespace troupe::transport {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

/// A node with sizes that are soon reached, and times that are not: on a busy machine the test itself is slow.
class HostilePeer : public testing::Test {
 protected:
  static Limits limits() {
    Limits limits;
    limits.frame = 64 << 10;
    limits.window = 32 << 10;
    limits.queued = 128 << 10;
    limits.handshakes = 4;
    limits.handshake = limits.heartbeat = limits.stuck_after = std::chrono::minutes(10);
    return limits;
  }

  HostilePeer() : HostilePeer(limits()) {}
  explicit HostilePeer(const Limits& limits) : node(make_self("catalog", 1), {.limits = limits}) {}
  void SetUp() override {
    node.links.listen("127.0.0.1:0");
    node.loops.start();
  }
  RawSocket connect() { return RawSocket::connect(node.links.address()); }
  RawSocket shake_hands() {
    RawSocket socket = connect();
    socket.shake_hands("test", "hostile");
    return socket;
  }
  void expect_down(const char* why) {
    ASSERT_TRUE(node.eventually([&] { return !node.recorder.downs().empty(); }));
    EXPECT_THAT(node.recorder.downs().at(0), HasSubstr(why));
  }
  void expect_refused(RefusalReason reason) {
    ASSERT_TRUE(node.eventually([&] { return !node.recorder.refused().empty(); }));
    EXPECT_STREQ(to_text(node.recorder.refused().at(0).reason), to_text(reason));
  }
  static Bytes header(std::initializer_list<int> values) {
    Bytes octets;
    for (const int value : values) octets.push_back(static_cast<std::byte>(value));
    octets.resize(frame_header_size);
    return octets;
  }

  SocketNode node;
};

/// A node that is not patient with handshakes.
class SlowHandshake : public HostilePeer {
 protected:
  SlowHandshake() : HostilePeer(impatient()) {}
  static Limits impatient() {
    Limits limits = HostilePeer::limits();
    limits.handshake = milliseconds(200);
    return limits;
  }
};

/// A node that is not patient with links on which nothing comes.
class SilentPeer : public HostilePeer {
 protected:
  SilentPeer() : HostilePeer(impatient()) {}
  static Limits impatient() {
    Limits limits = HostilePeer::limits();
    limits.heartbeat = milliseconds(50);
    limits.silent_heartbeats = 4;
    limits.stuck_after = milliseconds(500);
    return limits;
  }
};

TEST_F(HostilePeer, ThatSpeaksAnotherProtocolIsCutAtOnce) {
  RawSocket socket = connect();
  socket.write("GET / HTTP/1.1\r\nHost: catalog\r\n\r\n");
  socket.read_to_end();
  expect_refused(RefusalReason::malformed);
}

TEST_F(HostilePeer, ThatSpeaksAnotherVersionHearsOurs) {
  RawSocket socket = connect();
  socket.write(std::string_view("TROUPE\0\x63", 8));
  const auto ours = detail::preface();
  EXPECT_EQ(socket.read(detail::preface_size), Bytes(ours.begin(), ours.end()));
  const Refusal refusal = detail::decode_refusal(socket.read_frame().payload);
  EXPECT_EQ(refusal.reason, RefusalReason::wrong_version);
  EXPECT_THAT(refusal.detail, HasSubstr("version 99"));
  expect_refused(RefusalReason::wrong_version);
}

TEST_F(HostilePeer, OfTheVersionBeforeHearsThatTheBuildsDiffer) {
  RawSocket socket = connect();
  socket.write(std::string_view("TROUPE\0\1", 8));
  socket.read(detail::preface_size);
  const Refusal refusal = detail::decode_refusal(socket.read_frame().payload);
  EXPECT_EQ(refusal.reason, RefusalReason::wrong_version);
  EXPECT_THAT(refusal.detail, HasSubstr("version 1 of the link protocol, the other version 2: stop all nodes"));
  expect_refused(RefusalReason::wrong_version);
}

TEST_F(HostilePeer, ThatSendsAHugeFrameBeforeItsProofIsCutByTheHeader) {
  RawSocket socket = connect();
  socket.write(detail::preface());
  socket.write(header({0, 1, 0, 1, 1}));
  socket.read_to_end();
  expect_refused(RefusalReason::malformed);
}

TEST_F(HostilePeer, ThatSendsAnythingElseForAHelloIsCut) {
  for (const int type : {2, 3, 4, 16, 33}) {
    RawSocket socket = connect();
    socket.write(detail::preface());
    socket.write(header({0, 0, 0, 0, type}));
    socket.read_to_end();
  }
  expect_refused(RefusalReason::malformed);
  EXPECT_EQ(node.recorder.ups(), 0U);
}

TEST_F(HostilePeer, ThatAsksBeforeItIsWelcomeIsCut) {
  RawSocket socket = connect();
  socket.write(detail::preface());
  socket.write_frame(FrameType::hello, Bytes(100));
  socket.read_to_end();
  expect_refused(RefusalReason::malformed);
}

TEST_F(SlowHandshake, IsCutInTime) {
  RawSocket socket = connect();
  socket.write(std::string_view("TRO", 3));
  socket.read_to_end();
  expect_refused(RefusalReason::timed_out);
}

TEST_F(HostilePeer, ThatOpensManyConnectionsGetsOnlyAFewHandshakes) {
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 5; ++i) sockets.push_back(connect());
  sockets.back().read(detail::preface_size);
  const Refusal refusal = detail::decode_refusal(sockets.back().read_frame().payload);
  EXPECT_EQ(refusal.reason, RefusalReason::too_many_links);
  sockets.clear();
  ASSERT_TRUE(node.eventually([&] { return node.recorder.refused().size() >= 4; }));
  EXPECT_NO_THROW(shake_hands());
}

TEST_F(HostilePeer, ThatSendsAnOversizedFrameIsCutByTheHeader) {
  RawSocket socket = shake_hands();
  socket.write(header({0, 1, 0, 1, 16}));
  const auto refused = socket.read_frame();
  EXPECT_EQ(refused.type, FrameType::refuse);
  EXPECT_THAT(detail::decode_refusal(refused.payload).detail, HasSubstr("size limit"));
  expect_down("size limit");
}

TEST_F(HostilePeer, ThatSendsGarbageIsCut) {
  for (const char* garbage : {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "0123456789abcdef"}) {
    RawSocket socket = shake_hands();
    socket.write(std::string_view(garbage, 16));
    socket.read_to_end();
  }
  ASSERT_TRUE(node.eventually([&] { return node.recorder.downs().size() == 2; }));
}

TEST_F(HostilePeer, ThatStopsInTheMiddleOfAFrameIsClosedWithoutIt) {
  RawSocket socket = shake_hands();
  socket.write(header({0, 0, 0, 10, 16}));
  socket.write("half");
  socket.end_writing();
  socket.read_to_end();
  expect_down("closed the connection");
  EXPECT_TRUE(node.recorder.received().empty());
}

TEST_F(SilentPeer, IsClosed) {
  RawSocket socket = shake_hands();
  socket.read_to_end();
  expect_down("the peer hangs: nothing was heard");
}

TEST_F(HostilePeer, ThatGrantsCreditWithoutEndIsCut) {
  RawSocket socket = shake_hands();
  socket.write_frame(FrameType::credit, {}, UINT64_MAX);
  socket.read_to_end();
  expect_down("credit beyond its window");
}

TEST_F(HostilePeer, ThatShakesHandsTwiceIsCut) {
  RawSocket socket = shake_hands();
  socket.write_frame(FrameType::hello, {});
  socket.read_to_end();
  expect_down("handshake after the handshake");
}

TEST_F(HostilePeer, ThatAnswersWhatNobodyAskedIsNotHeard) {
  RawSocket socket = shake_hands();
  socket.write_frame(FrameType::reply, {}, 7);
  socket.write_frame(FrameType::failure, {}, 8);
  socket.write_frame(FrameType::ask, {}, 9);
  EXPECT_EQ(socket.read_frame().request, 9U);
  EXPECT_EQ(node.recorder.received().size(), 1U);
}

TEST_F(HostilePeer, ThatPingsAndNeverReadsCostsNothing) {
  RawSocket socket = shake_hands();
  Bytes pings;
  for (std::uint64_t i = 0; i < 1000; ++i) append_frame(pings, {FrameType::ping, 0, i, {}});
  for (int i = 0; i < 2000; ++i) socket.write(pings);
  std::size_t queued = 0;
  node.on_loop(
      0, [&](loop::Loop& loop) { node.links.each_link(loop, [&](Link& link) { queued = link.status().queued; }); });
  EXPECT_LE(queued, limits().queued);
}

TEST_F(HostilePeer, ThatAsksAndNeverReadsIsBounded) {
  RawSocket socket = shake_hands();
  Bytes ask;
  append_frame(ask, {FrameType::ask, 0, 1, Bytes(10'000)});
  // The answers fill the socket, then the queue; what does not fit is not sent. Our asks cost it nothing.
  const auto accounted = [&] {
    std::size_t queued = 0;
    node.on_loop(
        0, [&](loop::Loop& loop) { node.links.each_link(loop, [&](Link& link) { queued = link.status().queued; }); });
    return queued;
  };
  std::size_t worst = 0;
  for (int i = 0; i < 2000; ++i) {
    socket.try_write(ask);
    if (i % 100 == 0) worst = std::max(worst, accounted());
  }
  EXPECT_LE(worst, 2 * limits().queued);
}

}  // namespace
}  // namespace troupe::transport
