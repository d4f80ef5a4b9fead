// Links over a simulated network, on virtual time: what a real one does rarely, and what takes long.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/transport/simulated_node.hpp"

namespace troupe::transport {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::SizeIs;

constexpr std::uint64_t seeds = 20;

TEST(SimulatedLinks, AnswerAsksWhateverTheDelay) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SimulatedPair pair(seed);
    for (std::uint64_t i = 0; i < 50; ++i) {
      ASSERT_EQ(pair.orders.ask(*pair.peer, i, std::to_string(i), i), SendResult::accepted);
    }
    ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 50; })) << seed;
    std::map<std::size_t, std::uint64_t> last;
    for (const auto& received : pair.catalog.recorder.received()) {
      EXPECT_EQ(received.loop, received.request % 2);
      EXPECT_EQ(received.payload, std::to_string(received.request));
      EXPECT_LE(last[received.loop], received.request) << "frames of one link keep their order";
      last[received.loop] = received.request;
    }
  }
}

TEST(SimulatedLinks, GiveTheSameRunForTheSameSeed) {
  const auto run = [](std::uint64_t seed) {
    SimulatedPair pair(seed);
    for (std::uint64_t i = 0; i < 40; ++i) {
      static_cast<void>(pair.orders.ask(*pair.peer, i, "x", i));
      pair.simulation.advance(milliseconds(2));
    }
    pair.eventually([&] { return pair.orders.recorder.answers() == 40; });
    std::vector<std::uint64_t> order;
    for (const auto& received : pair.orders.recorder.received()) order.push_back(received.request);
    return std::pair(order, pair.simulation.wall_time());
  };
  std::set<std::vector<std::uint64_t>> orders;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    EXPECT_EQ(run(seed), run(seed));
    orders.insert(run(seed).first);
  }
  EXPECT_GT(orders.size(), 1U) << "links are reordered among each other";
}

TEST(SimulatedLinks, SayWhatMayHaveHappenedWhenAnAskLosesItsLink) {
  SimulatedPair pair(1, {.window = 1000}, Recorder::Manner::holds);
  ASSERT_EQ(pair.ask(1, "one"), SendResult::accepted);
  ASSERT_EQ(pair.ask(2, std::string(2000, 'x')), SendResult::accepted) << "more than the credit left, which is some";
  ASSERT_EQ(pair.ask(3, "three"), SendResult::accepted) << "waits for credit";
  ASSERT_TRUE(pair.eventually([&] { return pair.catalog.recorder.received().size() == 2; }));
  pair.simulation.advance(milliseconds(50));
  pair.network.crash("catalog");
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.lost().size() == 3; }));
  EXPECT_THAT(pair.orders.recorder.lost(),
              ElementsAre(Pair(1, Fate::unknown), Pair(2, Fate::unknown), Pair(3, Fate::not_executed)));
  EXPECT_EQ(pair.ask(4), SendResult::no_link) << "until the next attempt";
}

TEST(SimulatedLinks, NoticeAPeerThatIsCutOff) {
  SimulatedPair pair(1, {}, Recorder::Manner::silent);
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.catalog.recorder.received().size() == 1; }));
  pair.simulation.advance(seconds(60));
  EXPECT_THAT(pair.orders.recorder.downs(), SizeIs(0)) << "pings keep an idle link up";
  pair.network.cut("orders", "catalog");
  pair.simulation.advance(seconds(4));
  EXPECT_THAT(pair.orders.recorder.downs(), SizeIs(0));
  pair.simulation.advance(seconds(3));
  EXPECT_THAT(pair.orders.recorder.downs(), ElementsAre(HasSubstr("half-open")));
  EXPECT_THAT(pair.catalog.recorder.downs(), ElementsAre(HasSubstr("half-open")));
  EXPECT_THAT(pair.orders.recorder.lost(), ElementsAre(Pair(1, Fate::unknown)));
}

TEST(SimulatedLinks, NoticeACutInOneDirection) {
  SimulatedPair pair(1);
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 1; }));
  pair.network.cut_one_way("orders", "catalog");
  pair.simulation.advance(seconds(10));
  EXPECT_THAT(pair.catalog.recorder.downs(), ElementsAre(HasSubstr("half-open")));
  EXPECT_THAT(pair.orders.recorder.downs(), SizeIs(1)) << "the end that is still heard closes";
}

TEST(SimulatedLinks, ComeBackAfterACut) {
  SimulatedPair pair(1);
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 1; }));
  pair.network.cut("orders", "catalog");
  pair.simulation.advance(seconds(10));
  std::uint64_t request = 2;
  static_cast<void>(pair.ask(request++));
  pair.simulation.advance(seconds(30));
  pair.network.heal("orders", "catalog");
  EXPECT_TRUE(pair.eventually([&] {
    pair.simulation.advance(milliseconds(10));
    static_cast<void>(pair.ask(request++));
    return pair.orders.recorder.answers() > 1;
  }));
}

TEST(SimulatedLinks, TryAgainOnlyWhileSomebodyWantsToSend) {
  SimulatedPair pair(1);
  pair.catalog.links.reset();
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.lost().size() == 1; }));
  EXPECT_THAT(pair.orders.recorder.lost(), ElementsAre(Pair(1, Fate::not_executed)));
  EXPECT_EQ(pair.ask(2), SendResult::no_link);
  pair.simulation.advance(seconds(60));
  EXPECT_THAT(pair.orders.recorder.unreachable(), SizeIs(2)) << "once for each that wanted to send";

  for (std::uint64_t i = 3; i < 6000; ++i) {
    static_cast<void>(pair.ask(i));
    pair.simulation.advance(milliseconds(10));
  }
  EXPECT_GT(pair.orders.recorder.unreachable().size(), 12U);
  EXPECT_LT(pair.orders.recorder.unreachable().size(), 40U) << "a minute of wanting backs off";
}

TEST(SimulatedLinks, EndEachAskOnceWhileConnectionsBreak) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SimulatedPair pair(seed, {}, Recorder::Manner::answers, {.break_chance = 0.02});
    std::set<std::uint64_t> accepted;
    for (std::uint64_t i = 0; i < 500; ++i) {
      if (pair.orders.ask(*pair.peer, i, "x", i) == SendResult::accepted) accepted.insert(i);
      pair.simulation.advance(milliseconds(5));
    }
    pair.network.set_faults({});
    pair.simulation.advance(seconds(10));
    std::multiset<std::uint64_t> ended;
    std::map<std::uint64_t, int> executed;
    for (const auto& each : pair.catalog.recorder.received()) ++executed[each.request];
    for (const auto& each : pair.orders.recorder.received()) ended.insert(each.request);
    for (const auto& [request, fate] : pair.orders.recorder.lost()) {
      ended.insert(request);
      if (fate == Fate::not_executed) {
        EXPECT_EQ(executed[request], 0) << "seed " << seed;
      }
    }
    EXPECT_EQ(ended, std::multiset<std::uint64_t>(accepted.begin(), accepted.end())) << "seed " << seed;
    EXPECT_GT(accepted.size(), 100U);
  }
}

TEST(SimulatedLinks, KeepASlowPeerFromFillingMemory) {
  Limits limits{.window = 64 << 10, .queued = 256 << 10};
  SimulatedPair pair(1, limits, Recorder::Manner::holds);
  const std::string payload(10'000, 'x');
  std::size_t accepted = 0;
  SendResult last = SendResult::accepted;
  for (std::uint64_t i = 0; i < 1000 && last == SendResult::accepted; ++i) {
    last = pair.ask(i, payload);
    accepted += last == SendResult::accepted ? 1 : 0;
    pair.simulation.advance(milliseconds(20));
  }
  EXPECT_EQ(last, SendResult::overloaded);
  EXPECT_LE(accepted * payload.size(), limits.window + limits.queued + 2 * payload.size());
  EXPECT_LE(pair.catalog.recorder.received().size() * payload.size(), limits.window + 2 * payload.size());
  pair.simulation.advance(seconds(30));
  EXPECT_THAT(pair.orders.recorder.downs(), SizeIs(0)) << "heartbeats need no credit";

  // What was held is let go: all that was accepted passes.
  while (pair.catalog.recorder.received().size() < accepted) {
    const std::size_t before = pair.catalog.recorder.received().size();
    for (const LinkPtr& link : pair.catalog.recorder.links()) link->release(before == 0 ? 0 : limits.window);
    pair.simulation.advance(milliseconds(100));
    ASSERT_GT(pair.catalog.recorder.received().size(), before);
  }
}

TEST(SimulatedLinks, DrainWithoutLosingAnAsk) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SimulatedPair pair(seed);
    bool drained = false;
    std::size_t accepted = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
      if (i == 100) pair.catalog.links->drain(seconds(5), [&] { drained = true; });
      accepted += pair.orders.ask(*pair.peer, i, "x", i) == SendResult::accepted ? 1 : 0;
      pair.simulation.advance(milliseconds(1));
    }
    ASSERT_TRUE(pair.eventually([&] { return drained; }));
    pair.simulation.advance(seconds(1));
    for (const auto& [request, fate] : pair.orders.recorder.lost()) {
      EXPECT_EQ(fate, Fate::not_executed) << "seed " << seed << ", request " << request;
    }
    EXPECT_EQ(pair.orders.recorder.answers() + pair.orders.recorder.lost().size(), accepted);
    EXPECT_GT(pair.orders.recorder.answers(), 50U);
    EXPECT_GT(pair.orders.recorder.leavings(), 0U);
  }
}

TEST(SimulatedLinks, EndADrainThatTakesTooLong) {
  SimulatedPair pair(1, {}, Recorder::Manner::silent);
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.catalog.recorder.received().size() == 1; }));
  bool drained = false;
  pair.catalog.links->drain(seconds(5), [&] { drained = true; });
  pair.simulation.advance(seconds(4));
  EXPECT_FALSE(drained);
  EXPECT_EQ(pair.ask(2), SendResult::no_link) << "it asked for no more";
  pair.simulation.advance(seconds(2));
  EXPECT_TRUE(drained);
  EXPECT_THAT(pair.orders.recorder.lost(), ElementsAre(Pair(1, Fate::unknown)));
}

TEST(SimulatedLinks, DoNotGiveAnAskItsPatienceAgainWhenItHasWaitedForALink) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const MemoryNetwork::Faults slow{.shortest_delay = milliseconds(50), .longest_delay = milliseconds(100)};
    SimulatedPair pair(seed, {}, Recorder::Manner::answers, slow);
    const Instant deadline = pair.orders.loops[0]->now() + seconds(5);
    ASSERT_EQ(pair.peer->send(*pair.orders.loops[0], 1, {FrameType::ask, 0, 1, as_octets("x"), deadline}),
              SendResult::accepted);
    ASSERT_TRUE(pair.eventually([&] { return !pair.catalog.recorder.received().empty(); }));
    const Instant there = pair.catalog.recorder.received()[0].deadline;
    EXPECT_LE(there, deadline + slow.longest_delay + milliseconds(1)) << "later by the way of the frame at most";
    EXPECT_GE(there, deadline);
  }
}

TEST(SimulatedLinks, NeverSendAnAskThatIsCancelledWhileItWaitsForALink) {
  SimulatedPair pair(1, {.queued = 1000});
  ASSERT_EQ(pair.ask(1, std::string(900, 'x')), SendResult::accepted);
  ASSERT_EQ(pair.ask(2, std::string(900, 'x')), SendResult::overloaded);
  pair.peer->cancel(*pair.orders.loops[0], 1);
  ASSERT_EQ(pair.ask(3, std::string(900, 'x')), SendResult::accepted) << "its room is free";
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 1; }));
  ASSERT_THAT(pair.catalog.recorder.received(), SizeIs(1));
  EXPECT_EQ(pair.catalog.recorder.received()[0].request, 3U);
  EXPECT_THAT(pair.orders.recorder.lost(), SizeIs(0));
}

TEST(SimulatedLinks, DropTheAnswerToACancelledAsk) {
  SimulatedPair pair(1);
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 1; }));
  ASSERT_EQ(pair.ask(2), SendResult::accepted);
  pair.peer->cancel(*pair.orders.loops[0], 2);
  pair.simulation.advance(seconds(1));
  EXPECT_EQ(pair.orders.recorder.answers(), 1U);
  EXPECT_EQ(pair.catalog.recorder.received().back().type, FrameType::cancel);
  pair.network.crash("catalog");
  pair.simulation.advance(seconds(1));
  EXPECT_THAT(pair.orders.recorder.lost(), SizeIs(0));
}

TEST(SimulatedLinks, LetAFrameFollowAnAskThatHasNoAnswer) {
  SimulatedPair pair(1, {}, Recorder::Manner::silent);
  loop::Loop& here = *pair.orders.loops[0];
  ASSERT_EQ(pair.ask(1), SendResult::accepted);
  EXPECT_EQ(pair.peer->link_of(here, 1), nullptr) << "it waits for a link";
  ASSERT_TRUE(pair.eventually([&] { return !pair.catalog.recorder.received().empty(); }));
  EXPECT_EQ(pair.peer->link_of(here, 2), nullptr) << "nobody has asked that";
  Link* const link = pair.peer->link_of(here, 1);
  ASSERT_TRUE(link);
  ASSERT_EQ(link->send({FrameType::probe, 0, 1, as_octets("after it")}), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.catalog.recorder.received().size() == 2; }));
  EXPECT_EQ(pair.catalog.recorder.received()[1].type, FrameType::probe);
  EXPECT_EQ(link->status().outstanding, 1U) << "it is no ask";
  pair.peer->cancel(here, 1);
  EXPECT_EQ(pair.peer->link_of(here, 1), nullptr);
}

TEST(SimulatedLinks, LetALaterIncarnationTakeTheNameOver) {
  SimulatedPair pair(1);
  SimulatedNode replaced(pair.simulation, pair.network, make_self("payment", 3), {.first_loop = 2});
  Peer& from_replaced = replaced.links->add_peer("catalog", "catalog:1");
  ASSERT_EQ(replaced.ask(from_replaced, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return replaced.recorder.answers() == 1; }));

  Self later = make_self("payment", 4);
  later.identity.incarnation = 2;
  SimulatedNode successor(pair.simulation, pair.network, later, {.first_loop = 2});
  Peer& from_successor = successor.links->add_peer("catalog", "catalog:1");
  ASSERT_EQ(successor.ask(from_successor, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return successor.recorder.answers() == 1; }));
  EXPECT_THAT(pair.catalog.recorder.downs(), ElementsAre(HasSubstr("later incarnation")));

  pair.simulation.advance(seconds(1));
  static_cast<void>(replaced.ask(from_replaced, 2, "x"));
  pair.simulation.advance(seconds(1));
  ASSERT_THAT(replaced.recorder.refused(), SizeIs(1));
  EXPECT_EQ(replaced.recorder.refused()[0].reason, RefusalReason::superseded);
}

TEST(SimulatedLinks, FollowAPeerThatComesBackWithFewerLoops) {
  SimulatedPair pair(1);
  for (std::uint64_t i = 0; i < 4; ++i) ASSERT_EQ(pair.orders.ask(*pair.peer, i, "x", i), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 4; }));
  pair.catalog.links.reset();
  pair.simulation.advance(seconds(1));
  Self again = make_self("catalog", 3);
  again.identity.incarnation = 2;
  SimulatedNode successor(pair.simulation, pair.network, again, {.first_loop = 0, .loops = 1});
  successor.links->listen("catalog:1");
  for (std::uint64_t i = 11; i < 14; i += 2) ASSERT_EQ(pair.orders.ask(*pair.peer, i, "x", 1), SendResult::accepted);
  ASSERT_TRUE(pair.eventually([&] { return pair.orders.recorder.answers() == 6; }));
  EXPECT_THAT(successor.recorder.received(), SizeIs(2));
}

TEST(SimulatedLinks, SurviveTheEndOfANodeAtAnyMoment) {
  for (std::uint64_t seed = 1; seed <= 4 * seeds; ++seed) {
    SimulatedPair pair(seed);
    for (std::uint64_t i = 0; i < 20; ++i) static_cast<void>(pair.orders.ask(*pair.peer, i, "x", i));
    pair.simulation.advance(milliseconds(seed % 40));
    (seed % 2 == 0 ? pair.orders : pair.catalog).links.reset();
    pair.simulation.advance(seconds(30));
    const auto& orders = pair.orders.recorder;
    if (seed % 2 == 0) continue;
    EXPECT_EQ(orders.answers() + orders.lost().size(), 20U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::transport
