// One end of a link against a channel that the test plays: what is written, when, and what of it counts as sent.
#include <troupe/transport/detail/connection.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/loop/simulation.hpp>
#include "tests/transport/played_channel.hpp"
#include "tests/transport/recorder.hpp"

namespace troupe::transport::detail {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

class ConnectionTest : public testing::Test, public ConnectionOwner {
 protected:
  ConnectionTest() {
    limits.window = 10'000;
    limits.queued = 200'000;
    HandshakeResult result;
    result.window = 100'000;
    result.max_frame = 150'000;
    link = Shared<Connection>(new Connection(loop, limits, recorder, *this, result, channel));
    link->start({});
  }
  ~ConnectionTest() override {
    link->abandon();
    simulation.drop_jobs();
  }

  /// Another link in place of the first, with a peer that grants `window`.
  void relink(Receiver& receiver, std::uint32_t window) {
    link->abandon();
    channel = std::make_shared<PlayedChannel>();
    HandshakeResult result;
    result.window = window;
    result.max_frame = 150'000;
    link = Shared<Connection>(new Connection(loop, limits, receiver, *this, result, channel));
    link->start({});
  }
  SendResult ask(std::uint64_t request, std::size_t size = 1, Instant deadline = no_deadline) {
    const Bytes payload(size);
    return link->send({FrameType::ask, 0, request, payload, deadline});
  }
  std::vector<FrameStep> frames_written() {
    all_written = channel->written();
    std::vector<FrameStep> frames;
    for (std::size_t at = 0; at < all_written.size(); at += frames.back().size) {
      frames.push_back(read_frame(std::span(all_written).subspan(at), 200'000));
      if (frames.back().state != FrameStep::State::complete) throw std::runtime_error("half a frame was written");
    }
    return frames;
  }
  void receive(std::initializer_list<Frame> frames) {
    Bytes octets;
    for (const Frame& frame : frames) append_frame(octets, frame);
    loop.call([this, octets] { channel->receive(octets); });
    settle();
  }
  void settle() { simulation.advance(milliseconds(1)); }
  void on_closed(Connection&) override { ++closed; }

  Limits limits;
  loop::Simulation simulation{1};
  loop::Loop& loop = simulation.loop(0);
  Recorder recorder;
  std::shared_ptr<PlayedChannel> channel = std::make_shared<PlayedChannel>();
  Shared<Connection> link;
  Bytes all_written;
  int closed = 0;
};

TEST_F(ConnectionTest, WritesWhatOneRoundOfTheLoopSendsInOnePiece) {
  for (std::uint64_t i = 0; i < 100; ++i) loop.call([this, i] { EXPECT_EQ(ask(i), SendResult::accepted); });
  settle();
  EXPECT_THAT(channel->writes, ElementsAre(SizeIs(100 * (frame_header_size + patience_size + 1))));
}

TEST_F(ConnectionTest, AnswersWhatOneReadBringsInOnePieceAndAtOnce) {
  Bytes octets;
  for (std::uint64_t i = 0; i < 100; ++i) append_frame(octets, {FrameType::ask, 0, i, {}});
  loop.call([&] {
    channel->receive(octets);
    EXPECT_THAT(channel->writes, ElementsAre(SizeIs(100 * frame_header_size)));
  });
  settle();
  EXPECT_THAT(channel->writes, SizeIs(1));
}

TEST_F(ConnectionTest, DoesNotHoardALargeRound) {
  loop.call([&] {
    for (std::uint64_t i = 0; i < 9; ++i) EXPECT_EQ(ask(i, 10'000), SendResult::accepted);
    EXPECT_FALSE(channel->writes.empty());
  });
  settle();
}

TEST_F(ConnectionTest, WaitsForTheChannelAndKeepsTheOrder) {
  channel->capacity = 20;
  EXPECT_EQ(ask(1), SendResult::accepted);
  EXPECT_EQ(ask(2), SendResult::accepted);
  settle();
  EXPECT_EQ(ask(3), SendResult::accepted);
  settle();
  EXPECT_EQ(channel->written().size(), 20U);
  channel->capacity = 1000;
  loop.call([this] { channel->user->on_writable(); });
  settle();
  std::vector<std::uint64_t> requests;
  for (const FrameStep& step : frames_written()) requests.push_back(step.frame.request);
  EXPECT_THAT(requests, ElementsAre(1, 2, 3));
}

TEST_F(ConnectionTest, TellsBegunAsksFromThoseOfWhichNothingWasWritten) {
  channel->capacity = frame_header_size + patience_size + 1 + 3;  // the first, and the beginning of the second
  for (std::uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(ask(i), SendResult::accepted);
  settle();
  loop.call([this] { channel->user->on_closed("gone"); });
  settle();
  EXPECT_THAT(recorder.lost(), ElementsAre(Pair(1, Fate::unknown), Pair(2, Fate::unknown), Pair(3, Fate::not_executed),
                                           Pair(4, Fate::not_executed)));
  EXPECT_EQ(closed, 1);
  EXPECT_EQ(ask(5), SendResult::no_link);
}

TEST_F(ConnectionTest, CountsAnAskAsNeverSentUntilTheRoundIsOver) {
  loop.call([this] {
    EXPECT_EQ(ask(1), SendResult::accepted);
    link->close("at once");
  });
  settle();
  EXPECT_THAT(recorder.lost(), ElementsAre(Pair(1, Fate::not_executed)));
  EXPECT_THAT(channel->writes, IsEmpty());
}

TEST_F(ConnectionTest, LosesNoAskThatWasAnswered) {
  EXPECT_EQ(ask(1), SendResult::accepted);
  EXPECT_EQ(ask(2), SendResult::accepted);
  settle();
  receive({{FrameType::failure, 0, 1, {}}});
  link->close("the test ends");
  EXPECT_THAT(recorder.lost(), ElementsAre(Pair(2, Fate::unknown)));
}

TEST_F(ConnectionTest, RefusesWhatThePeerDoesNotTake) {
  constexpr std::size_t largest = 150'000 - patience_size;
  EXPECT_EQ(ask(1, largest + 1), SendResult::too_large);
  EXPECT_EQ(ask(1, largest), SendResult::accepted) << "a frame may be larger than the credit that is left";
  settle();
  EXPECT_EQ(link->status().credit, 100'000 - 150'016);
  EXPECT_EQ(ask(2, largest), SendResult::accepted) << "waits";
  EXPECT_EQ(ask(3, largest), SendResult::overloaded);
  EXPECT_EQ(channel->written().size(), 150'016U);
  const Bytes reply(150'000);
  EXPECT_EQ(link->send({FrameType::reply, 0, 9, reply}), SendResult::accepted);
  settle();
  EXPECT_EQ(channel->written().size(), 2 * 150'016U) << "answers need no credit, and have room of their own";
  receive({{FrameType::credit, 0, 150'016, {}}});
  EXPECT_EQ(channel->written().size(), 3 * 150'016U);
}

TEST_F(ConnectionTest, WritesWhatIsLeftOfAnAsksPatienceHoweverLongItWaited) {
  relink(recorder, 100);
  channel->capacity = 0;
  const Instant deadline = loop.now() + milliseconds(1000);
  EXPECT_EQ(ask(1, 200, deadline), SendResult::accepted) << "takes all the credit, and waits for the channel";
  EXPECT_EQ(ask(2, 1, deadline), SendResult::accepted) << "waits for credit";
  simulation.advance(milliseconds(300));
  channel->capacity = 100'000;
  loop.call([this] { channel->user->on_writable(); });
  settle();
  const Instant unblocked = loop.now();
  simulation.advance(milliseconds(300));
  receive({{FrameType::credit, 0, 220, {}}});
  const auto frames = frames_written();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_NEAR((frames[0].frame.deadline - Instant{}) / milliseconds(1), (deadline - unblocked) / milliseconds(1), 1);
  EXPECT_NEAR((frames[1].frame.deadline - Instant{}) / milliseconds(1), (deadline - loop.now()) / milliseconds(1), 1);
}

TEST_F(ConnectionTest, TakesBackACancelledAskThatHasNotGone) {
  relink(recorder, 100);
  EXPECT_EQ(ask(1, 200), SendResult::accepted);
  EXPECT_EQ(ask(2, 50'000), SendResult::accepted) << "waits for credit";
  settle();
  EXPECT_TRUE(link->cancel(2));
  EXPECT_EQ(link->status().queued, 0U) << "nothing is kept of it";
  EXPECT_TRUE(link->cancel(1));
  EXPECT_FALSE(link->cancel(1)) << "it is none any more";
  receive({{FrameType::credit, 0, 220, {}}, {FrameType::reply, 0, 1, {}}});
  const auto frames = frames_written();
  ASSERT_THAT(frames, SizeIs(2));
  EXPECT_EQ(frames[0].frame.request, 1U);
  EXPECT_EQ(frames[1].frame.type, FrameType::cancel);
  EXPECT_EQ(frames[1].frame.request, 1U);
  EXPECT_THAT(recorder.received(), IsEmpty()) << "an answer that crossed the cancel is dropped";
  EXPECT_EQ(link->status().outstanding, 0U);
}

TEST_F(ConnectionTest, GivesCreditBackInPiecesAsAsksAreDoneWith) {
  const Bytes payload(1000);
  constexpr std::size_t each = 1000 + frame_header_size + patience_size;
  Recorder holder(Recorder::Manner::holds);
  relink(holder, 100'000);
  receive({{FrameType::ask, 0, 1, payload}, {FrameType::ask, 0, 2, payload}, {FrameType::ask, 0, 3, payload}});
  link->release(each);
  settle();
  EXPECT_THAT(channel->writes, IsEmpty()) << "less than a quarter of what is not held";
  link->release(2 * each);
  settle();
  ASSERT_THAT(channel->writes, SizeIs(1));
  const FrameStep step = read_frame(channel->writes[0], 0);
  EXPECT_EQ(step.frame.type, FrameType::credit);
  EXPECT_EQ(step.frame.request, 3 * each);
}

TEST_F(ConnectionTest, GivesCreditBackThoughNearlyAllOfItIsHeld) {
  Recorder holder(Recorder::Manner::holds);
  relink(holder, 100'000);
  const Bytes most(9'900);
  receive({{FrameType::ask, 0, 1, most}, {FrameType::ask, 0, 2, {}}});
  EXPECT_THAT(channel->writes, IsEmpty());
  // The peer has 64 octets of credit left: a quarter of the whole window would never come together.
  link->release(frame_header_size + patience_size);
  settle();
  ASSERT_THAT(channel->writes, SizeIs(1));
  EXPECT_EQ(read_frame(channel->writes[0], 0).frame.request, frame_header_size + patience_size);
}

TEST_F(ConnectionTest, AnswersOnlyTheLastOfManyPingsWhileItCannotWrite) {
  channel->capacity = 0;
  EXPECT_EQ(ask(1), SendResult::accepted);
  settle();
  for (std::uint64_t i = 1; i <= 50; ++i) receive({{FrameType::ping, 0, i, {}}});
  EXPECT_EQ(link->status().queued, frame_header_size + patience_size + 1);
  channel->capacity = 1000;
  loop.call([this] { channel->user->on_writable(); });
  settle();
  EXPECT_EQ(channel->written().size(), 2 * frame_header_size + patience_size + 1);
}

TEST_F(ConnectionTest, CutsAPeerThatSendsMoreThanItsCredit) {
  Recorder holder(Recorder::Manner::holds);
  relink(holder, 1000);
  const Bytes payload(9'000);
  receive({{FrameType::ask, 0, 1, payload}, {FrameType::ask, 0, 2, payload}});
  EXPECT_TRUE(link->is_open()) << "the second began while credit was left";
  receive({{FrameType::ask, 0, 3, {}}});
  EXPECT_THAT(holder.downs(), ElementsAre("the peer sent asks beyond their credit"));
}

TEST_F(ConnectionTest, StaysWithAPeerThatIsOnlyBusy) {
  EXPECT_EQ(ask(1), SendResult::accepted);
  simulation.advance(limits.stuck_after / 2);
  EXPECT_TRUE(link->is_open());
  EXPECT_GE(link->status().silent, limits.stuck_after / 2 - 2 * limits.heartbeat);
  EXPECT_EQ(recorder.silences(), 1U);
  receive({{FrameType::reply, 0, 1, {}}});
  simulation.advance(limits.heartbeat);
  EXPECT_EQ(recorder.answers(), 1U);
  EXPECT_EQ(link->status().silent, milliseconds(0)) << "it is heard again";
  simulation.advance(limits.stuck_after / 2);
  EXPECT_EQ(recorder.silences(), 2U);
  EXPECT_THAT(recorder.downs(), IsEmpty());
}

TEST_F(ConnectionTest, LeavesAPeerThatStaysBusyForTooLong) {
  EXPECT_EQ(ask(1), SendResult::accepted);
  simulation.advance(limits.stuck_after - limits.heartbeat);
  EXPECT_TRUE(link->is_open());
  simulation.advance(2 * limits.heartbeat);
  EXPECT_THAT(recorder.downs(), ElementsAre(HasSubstr("the peer hangs")));
  EXPECT_THAT(recorder.lost(), ElementsAre(Pair(1, Fate::unknown)));
}

TEST_F(ConnectionTest, LeavesASilentPeerWhoseMachineAcknowledgesNothing) {
  EXPECT_EQ(ask(1), SendResult::accepted);
  const auto limit = limits.heartbeat * limits.silent_heartbeats;
  channel->owed = limit;
  simulation.advance(limit - limits.heartbeat);
  EXPECT_TRUE(link->is_open());
  simulation.advance(2 * limits.heartbeat);
  EXPECT_THAT(recorder.downs(), ElementsAre(HasSubstr("half-open")));
  EXPECT_THAT(recorder.lost(), ElementsAre(Pair(1, Fate::unknown)));
  EXPECT_EQ(recorder.silences(), 0U) << "it is gone, not silent";
}

TEST_F(ConnectionTest, LeavesABusyPeerWhenItsMachineGoesToo) {
  simulation.advance(limits.stuck_after / 2);
  ASSERT_TRUE(link->is_open());
  channel->owed = limits.heartbeat * limits.silent_heartbeats;
  simulation.advance(limits.heartbeat);
  EXPECT_THAT(recorder.downs(), ElementsAre(HasSubstr("half-open")));
}

TEST_F(ConnectionTest, StaysWithAPeerThatIsHeardWhateverIsAcknowledged) {
  channel->owed = limits.stuck_after;
  for (int i = 0; i < 100; ++i) {
    receive({{FrameType::ping, 0, 1, {}}});
    simulation.advance(limits.heartbeat);
  }
  EXPECT_TRUE(link->is_open());
}

TEST_F(ConnectionTest, PilesNoPingsUpForAPeerThatReadsNothing) {
  channel->capacity = frame_header_size / 2;
  simulation.advance(limits.stuck_after - limits.heartbeat);
  EXPECT_TRUE(link->is_open());
  EXPECT_EQ(link->status().queued, frame_header_size / 2) << "the rest of the first";
}

TEST_F(ConnectionTest, MeasuresTheRoundTrip) {
  simulation.advance(milliseconds(1001));
  ASSERT_THAT(channel->writes, SizeIs(1));
  const FrameStep ping = read_frame(channel->writes[0], 0);
  ASSERT_EQ(ping.frame.type, FrameType::ping);
  EXPECT_FALSE(link->status().round_trip);
  simulation.advance(milliseconds(7));
  receive({{FrameType::pong, 0, ping.frame.request, {}}});
  ASSERT_TRUE(link->status().round_trip);
  EXPECT_GE(*link->status().round_trip, milliseconds(7));
  EXPECT_LE(*link->status().round_trip, milliseconds(9));
}

}  // namespace
}  // namespace troupe::transport::detail
