// Asks that cross nodes, at both of their ends, against a peer that the test plays: what is sent, what is taken back,
// and what is refused.
#include <troupe/cluster/router.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/cluster/protocol_schema.hpp>
#include "tests/cluster/routed_node.hpp"

namespace troupe::cluster {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using transport::FrameType;
using transport::Recorder;
using transport::SendResult;

const Key crate_key("c");
const Key box_key("b");

TEST(Router, TellsThePeerThatTheCallerHasGivenUp) {
  RoutedNode node;
  node.start();
  const auto outcome = node.ask<crate::Fill, crate::Api>(crate_key, 1s, std::string("tea"));
  ASSERT_TRUE(node.eventually([&] { return outcome->has_value(); }));
  EXPECT_EQ((**outcome).failure().code, failure_code::timeout);
  ASSERT_TRUE(node.eventually([&] { return !node.received(FrameType::cancel).empty(); }));
  ASSERT_THAT(node.received(FrameType::ask), SizeIs(1));
  EXPECT_EQ(node.received(FrameType::cancel)[0].request, node.received(FrameType::ask)[0].request);
}

TEST(Router, TellsThePeerThatTheCallerOfAListingHasGivenUp) {
  RoutedNode node;
  node.start();
  const auto outcome = node.ask<crate::List, crate::Api>(crate_key, 1s);
  ASSERT_TRUE(node.eventually([&] { return outcome->has_value(); }));
  ASSERT_TRUE(node.eventually([&] { return !node.received(FrameType::cancel).empty(); }));
  EXPECT_EQ(node.received(FrameType::cancel)[0].request, node.received(FrameType::ask)[0].request);
  node.links_here->each_link(node.world.loop(0),
                             [](transport::Link& link) { EXPECT_EQ(link.status().outstanding, 0U); });
}

TEST(Router, SendsNothingOfAnAskWhoseCallerGaveUpBeforeTheLinkWasUp) {
  RoutedNode node;
  node.start();
  node.network.set_faults({.shortest_delay = 300ms, .longest_delay = 400ms});
  const auto given_up = node.ask<crate::Fill, crate::Api>(crate_key, 500ms, std::string("tea"));
  const auto patient = node.ask<crate::Fill, crate::Api>(crate_key, 10s, std::string("sugar"));
  ASSERT_TRUE(node.eventually([&] { return given_up->has_value(); }));
  EXPECT_THAT(node.received(FrameType::ask), IsEmpty());
  node.world.advance(5s);
  ASSERT_THAT(node.received(FrameType::ask), SizeIs(1));
  EXPECT_THAT(node.received(FrameType::ask)[0].payload, HasSubstr("sugar"));
  EXPECT_THAT(node.received(FrameType::cancel), IsEmpty());
}

TEST(Router, DoesNotBeginAnAskThatWasCancelledInTheQueue) {
  RoutedNode node;
  node.start();
  ASSERT_EQ(node.ask_here(1, call_of("Hold", box_key, keyed(box::Hold{5s})), 60s), SendResult::accepted);
  ASSERT_EQ(node.ask_here(2, call_of("Put", box_key, keyed(box::Put{"tea"})), 60s), SendResult::accepted);
  node.world.advance(1s);
  node.to_here->cancel(node.world.loop(0), 2);
  node.world.advance(1s);
  ASSERT_EQ(node.ask_here(3, call_of("Look", box_key, keyed(box::Look{})), 60s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.peer.answers() == 2; }));
  const auto replies = node.received(FrameType::reply);
  ASSERT_THAT(replies, SizeIs(2)) << "the cancelled one gets none";
  EXPECT_EQ(replies[1].request, 3U);
  EXPECT_EQ(*wire::from_msgpack<std::string>(transport::as_octets(replies[1].payload), wire::Encoding::keyed), "");
  EXPECT_THAT(node.received(FrameType::failure), IsEmpty());
  node.links_here->each_link(node.world.loop(0),
                             [](transport::Link& link) { EXPECT_EQ(link.status().unanswered, 0U); });
}

TEST(Router, DoesNotBeginTheQueuedAsksOfALinkThatIsGone) {
  RoutedNode node;
  node.start();
  ASSERT_EQ(node.ask_here(1, call_of("Hold", box_key, keyed(box::Hold{5s})), 60s), SendResult::accepted);
  ASSERT_EQ(node.ask_here(2, call_of("Put", box_key, keyed(box::Put{"tea"})), 60s), SendResult::accepted);
  node.world.advance(1s);
  node.network.crash("there");
  node.world.advance(10s);
  const auto look = node.ask<box::Look, box::Api>(box_key, 10s);
  ASSERT_TRUE(node.eventually([&] { return look->has_value(); }));
  EXPECT_EQ(***look, "");
}

TEST(Router, DoesNotBeginAnAskThatHasNoPatienceLeft) {
  RoutedNode node;
  node.start();
  ASSERT_EQ(node.ask_here(1, call_of("Put", box_key, keyed(box::Put{"tea"})), 0s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.failure_of(1).has_value(); }));
  EXPECT_EQ(node.failure_of(1)->code, failure_code::expired);
  EXPECT_EQ(node.failure_of(1)->kind, Failure::Kind::not_executed);
}

TEST(Router, RefusesAKeyThatIsNoText) {
  RoutedNode node;
  node.start();
  Call call = call_of("Look", box_key, keyed(box::Look{}));
  call.key = {std::byte{2}, std::byte{0xff}};
  ASSERT_EQ(node.ask_here(1, call, 5s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.failure_of(1).has_value(); }));
  EXPECT_EQ(node.failure_of(1)->detail, "the key is malformed");
}

TEST(Router, BoundsWhatWaitsForAPeerThatNeverAnswers) {
  const transport::Limits limits{.window = 64 << 10, .queued = 256 << 10};
  RoutedNode node(Recorder::Manner::holds, limits);
  node.start();
  std::vector<std::shared_ptr<std::optional<Outcome<Done>>>> outcomes;
  for (int i = 0; i < 1000; ++i) {
    outcomes.push_back(node.ask<crate::Fill, crate::Api>(crate_key, 60s, std::string(2000, 'x')));
    node.world.advance(1ms);
    node.links_here->each_link(node.world.loop(0),
                               [&](transport::Link& link) { EXPECT_LE(link.status().queued, limits.queued); });
  }
  const auto overloaded = std::ranges::count_if(
      outcomes, [](const auto& each) { return *each && (**each).failure().code == failure_code::overloaded; });
  EXPECT_GT(overloaded, 800);
  EXPECT_LT(overloaded, 1000);
  EXPECT_LE(node.received(FrameType::ask).size() * 2000, limits.window + 2500);
  node.world.advance(61s);
  const auto unknown =
      std::ranges::count_if(outcomes, [](const auto& each) { return *each && (**each).failure().unknown(); });
  EXPECT_EQ(unknown + overloaded, 1000) << "the others end by their deadline";
  node.links_here->each_link(node.world.loop(0), [](transport::Link& link) {
    EXPECT_EQ(link.status().queued, 0U) << "and nothing is kept of them";
    EXPECT_EQ(link.status().outstanding, 0U);
  });
}

TEST(Router, RefusesMoreAsksOfALinkThanItKeeps) {
  RoutedNode node(Recorder::Manner::silent, {.window = 16 << 20, .queued = 16 << 20});
  node.start();
  for (std::uint64_t i = 1; i <= 10'001; ++i) {
    const Call call = call_of("Hold", Key(Uuid{1, i}), keyed(box::Hold{50s}));
    ASSERT_EQ(node.ask_here(i, call, 60s), SendResult::accepted);
  }
  ASSERT_TRUE(node.eventually([&] { return !node.received(FrameType::failure).empty(); }));
  EXPECT_EQ(node.failure_of(10'001)->code, failure_code::overloaded);
  ASSERT_TRUE(node.eventually([&] { return node.peer.answers() == 10'000; })) << "the others are served";
  EXPECT_THAT(node.received(FrameType::failure), SizeIs(1));
}

TEST(Router, ServesAPeerWhoseOtherAsksHoldNearlyAllOfTheWindow) {
  RoutedNode node(Recorder::Manner::silent, {.window = 10'000});
  node.start();
  Call slow = call_of("Hold", box_key, keyed(box::Hold{50s}));
  slow.trace = std::string(9'500, 'x');
  ASSERT_EQ(node.ask_here(1, slow, 60s), SendResult::accepted);
  for (std::uint64_t i = 2; i < 100; ++i) {
    ASSERT_EQ(node.ask_here(i, call_of("Look", Key("other"), keyed(box::Look{})), 60s), SendResult::accepted);
  }
  node.world.advance(10s);
  EXPECT_EQ(node.peer.answers(), 98U);
}

TEST(Router, CallsAMessageThatNoLinkTakesTooLarge) {
  RoutedNode node(Recorder::Manner::answers, {.frame = 10'000});
  node.start();
  const auto small = node.ask<crate::Fill, crate::Api>(crate_key, 5s, std::string("tea"));
  node.world.advance(1s);
  const auto large = node.ask<crate::Fill, crate::Api>(crate_key, 5s, std::string(20'000, 'x'));
  ASSERT_TRUE(node.eventually([&] { return large->has_value(); }));
  EXPECT_EQ((**large).failure().code, failure_code::too_large);
  EXPECT_TRUE((**large).not_executed());
}

TEST(Router, LetsAClientAskOnNobodysBehalf) {
  RoutedNode node;
  node.self_there.identity.role = transport::Role::client;
  node.self_there.fingerprints.clear();
  node.self_there.facts.clear();
  node.start();
  const auto ask_as = [&](std::uint64_t request, Principal principal) {
    Call call = call_of("Who", box_key, keyed(box::Who{}));
    call.principal = std::move(principal);
    ASSERT_EQ(node.ask_here(request, call, 5s), SendResult::accepted);
  };
  ask_as(1, Principal::of_node("here"));
  ask_as(2, Principal::of_user({1, 2}, "admin"));
  ask_as(3, Principal());
  ASSERT_TRUE(node.eventually([&] { return node.peer.received().size() == 3; }));
  EXPECT_EQ(node.failure_of(1)->code, "forbidden");
  EXPECT_EQ(node.failure_of(2)->code, "forbidden");
  EXPECT_THAT(node.received(FrameType::reply), SizeIs(1));
}

TEST(Router, BelievesANodeOnWhoseBehalfItAsks) {
  RoutedNode node;
  node.start();
  Call call = call_of("Who", box_key, keyed(box::Who{}));
  call.principal = Principal::of_user({1, 2}, "admin");
  ASSERT_EQ(node.ask_here(1, call, 5s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.peer.answers() == 1; }));
  const auto octets = node.received(FrameType::reply)[0].payload;
  EXPECT_EQ(wire::from_msgpack<Principal>(transport::as_octets(octets), wire::Encoding::keyed)->role, "admin");
}

// A type of a domain's own whose codec throws on what another node has sent ends that one call.

TEST(Router, RefusesAnAskOnWhichACodecThrows) {
  RoutedNode node;
  node.start();
  ASSERT_EQ(node.ask_here(1, call_of("Stamp", box_key, keyed(box::Stamp{{"broken"}})), 5s), SendResult::accepted);
  ASSERT_EQ(node.ask_here(2, call_of("Stamp", box_key, keyed(box::Stamp{{"whole"}})), 5s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.peer.answers() == 1 && node.failure_of(1); }));
  EXPECT_EQ(node.failure_of(1)->code, failure_code::actor_crashed);
  EXPECT_THAT(node.failure_of(1)->detail,
              HasSubstr("box.Stamp can't be read: its codec or check threw: the seal is broken"));
  EXPECT_EQ(node.received(FrameType::reply).at(0).request, 2U) << "the link goes on";
}

TEST(Router, TakesAnAnswerOnWhichACodecThrowsForUnknown) {
  RoutedNode node;
  node.start();
  const auto first = node.ask<crate::ReadSeal, crate::Api>(crate_key, 5s);
  const auto second = node.ask<crate::ReadSeal, crate::Api>(crate_key, 5s);
  ASSERT_TRUE(node.eventually([&] { return node.received(FrameType::ask).size() == 2; }));
  const auto asks = node.received(FrameType::ask);
  const auto answer = [&](std::size_t which, const std::string& text) {
    // As it was asked: by position, since both ends know the protocol alike.
    const auto encoding = (asks[which].flags & flag_keyed) != 0 ? wire::Encoding::keyed : wire::Encoding::positional;
    const Bytes payload = wire::to_msgpack(crate::Sealed{{text}}, encoding);
    EXPECT_EQ(node.peer.links()[0]->send({FrameType::reply, asks[which].flags, asks[which].request, payload}),
              SendResult::accepted);
  };
  answer(0, "broken");
  answer(1, "whole");
  ASSERT_TRUE(node.eventually([&] { return first->has_value() && second->has_value(); }));
  ASSERT_FALSE((*first)->ok());
  EXPECT_TRUE((*first)->failure().unknown());
  EXPECT_THAT((*first)->failure().detail, HasSubstr("its codec threw: the seal is broken"));
  ASSERT_TRUE((*second)->ok());
  EXPECT_EQ((**second)->seal.text, "whole");
}

// ── Schemas ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/// The schema of `crate` at a peer, where Fill is another.
ProtocolSchema other_crate(const std::string& fill) {
  ProtocolSchema schema = schema_of(protocol_info<crate::Api>);
  schema.messages[0].message = fill;
  return schema;
}

/// A node whose peer knows `crate` by this schema, and has said so.
struct OtherPeer : RoutedNode {
  explicit OtherPeer(const ProtocolSchema& crate) {
    self_there.fingerprints["crate"] = 42;
    start();
    // Somebody has to want the link.
    ask<crate::Fill, crate::Api>(crate_key, 1s, std::string("first"));
    eventually([&] { return peer.ups() == 1; });
    EXPECT_EQ(peer.links()[0]->send({FrameType::schema, 0, 0, keyed(crate)}), SendResult::accepted);
    world.advance(1s);
  }
};

TEST(RouterSchemas, LetEqualOnesTravelByPosition) {
  RoutedNode node;
  node.start();
  const auto first = node.ask<crate::Fill, crate::Api>(crate_key, 1s, std::string("tea"));
  node.world.advance(500ms);
  const auto second = node.ask<crate::Fill, crate::Api>(crate_key, 1s, std::string("tea"));
  node.world.advance(500ms);
  const auto asks = node.received(FrameType::ask);
  ASSERT_THAT(asks, SizeIs(2));
  EXPECT_EQ(asks[0].flags, flag_keyed) << "it was written before anything was known of the peer";
  EXPECT_EQ(asks[1].flags, 0);
  EXPECT_LT(asks[1].payload.size(), asks[0].payload.size() / 2);
  EXPECT_THAT(node.received(FrameType::schema), IsEmpty());
}

TEST(RouterSchemas, ThatDifferAreShownAndSpokenByNameWhereCompatible) {
  OtherPeer node(other_crate("{what:string,note:optional<string>,}"));
  ASSERT_THAT(node.received(FrameType::schema), SizeIs(1));
  EXPECT_THAT(node.received(FrameType::schema)[0].payload, HasSubstr("{what:string,}"));
  const auto outcome = node.ask<crate::Fill, crate::Api>(crate_key, 1s, std::string("tea"));
  node.world.advance(1s);
  const auto asks = node.received(FrameType::ask);
  ASSERT_THAT(asks, SizeIs(2));
  EXPECT_EQ(asks[1].flags, flag_keyed);
  EXPECT_THAT(node.reports.refused, IsEmpty());
}

TEST(RouterSchemas, ThatAreIncompatibleAreRefusedByNameOfTheDifference) {
  OtherPeer node(other_crate("{what:u32,}"));
  for (int i = 0; i < 3; ++i) {
    const auto outcome = node.ask<crate::Fill, crate::Api>(crate_key, 5s, std::string("tea"));
    ASSERT_TRUE(node.eventually([&] { return outcome->has_value(); }));
    const Failure& failure = (**outcome).failure();
    EXPECT_EQ(failure.code, failure_code::incompatible);
    EXPECT_TRUE(failure.not_executed());
    EXPECT_THAT(failure.detail, HasSubstr("node there knows the protocol crate by an incompatible schema"));
    EXPECT_THAT(failure.detail, HasSubstr("Fill.what changed from string to u32"));
  }
  EXPECT_THAT(node.received(FrameType::ask), SizeIs(1)) << "but for the one that nobody could know better of";
  EXPECT_THAT(node.reports.refused, ElementsAre(HasSubstr("there crate: node there knows")));
}

TEST(RouterSchemas, ThatAreIncompatibleAreRefusedToThePeerAsWell) {
  RoutedNode node;
  node.self_there.fingerprints["box"] = 42;
  node.start();
  ASSERT_EQ(node.ask_here(1, call_of("Put", box_key, keyed(box::Put{"tea"})), 5s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.received(FrameType::reply).size() == 1; })) << "by its names";
  EnvelopePtr by_position(new TypedEnvelope<box::Put>(&message_info<box::Api, box::Put>, box::Put{"tea"}));
  by_position->target = box_key;
  Bytes payload;
  write_ask(payload, *by_position, wire::Encoding::positional);
  ASSERT_EQ(node.to_here->send(node.world.loop(0), 0, {FrameType::ask, 0, 2, payload}), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.failure_of(2).has_value(); }));
  EXPECT_EQ(node.failure_of(2)->code, failure_code::incompatible) << "by position it would be misread";

  ProtocolSchema schema = schema_of(protocol_info<box::Api>);
  for (auto& message : schema.messages) {
    if (message.name == "Put") message.effect = Effect::once;
  }
  ASSERT_EQ(node.peer.links()[0]->send({FrameType::schema, 0, 0, keyed(schema)}), SendResult::accepted);
  ASSERT_EQ(node.ask_here(3, call_of("Look", box_key, keyed(box::Look{})), 5s), SendResult::accepted);
  ASSERT_TRUE(node.eventually([&] { return node.failure_of(3).has_value(); }));
  EXPECT_EQ(node.failure_of(3)->code, failure_code::incompatible);
  EXPECT_THAT(node.failure_of(3)->detail, HasSubstr("Put changed its effect from idempotent to once"));
}

TEST(RouterSchemas, OfWhichOnlyOneHasAMessageKeepTheRest) {
  ProtocolSchema schema = schema_of(protocol_info<crate::Api>);
  schema.messages.push_back({"Empty", Effect::once, Scope::entity, "{}", "{}"});
  OtherPeer node(schema);
  node.ask<crate::Fill, crate::Api>(crate_key, 1s, std::string("tea"));
  node.world.advance(1s);
  EXPECT_THAT(node.received(FrameType::ask), SizeIs(2));
}

}  // namespace
}  // namespace troupe::cluster
