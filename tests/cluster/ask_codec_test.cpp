#include <troupe/cluster/ask_codec.hpp>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <type_traits>

#include "tests/cluster/routed_node.hpp"

namespace troupe::cluster {
namespace {

EnvelopePtr an_ask() {
  EnvelopePtr ask(new TypedEnvelope<box::Put>(&message_info<box::Api, box::Put>, box::Put{"tea"}));
  ask->target = Key("shelf/3");
  ask->operation = Uuid{7, 8};
  ask->attempt = 513;
  ask->repeatable = true;
  ask->origin = Shared<Origin>(new Origin(Principal::of_user({1, 2}, "customer"), "4bf92f3577b34da6a3ce929d0e0e4736"));
  const ProtocolInfo* crates = &protocol_info<crate::Api>;
  const Shared<ChainLink> first(new ChainLink(crates, Key(Uuid{3, 4}), Effect::once, {}));
  ask->chain = Shared<ChainLink>(new ChainLink(nullptr, Key("second"), Effect::keyed, first));
  return ask;
}

Bytes written(const Envelope& ask, wire::Encoding encoding) {
  Bytes octets;
  write_ask(octets, ask, encoding);
  return octets;
}

// Of a keyed ask, the view points into the reader.
static_assert(!std::is_move_constructible_v<AskReader> && !std::is_move_assignable_v<AskReader>);

class AskCodec : public testing::TestWithParam<wire::Encoding> {};

TEST_P(AskCodec, SaysAllThatTheEnvelopeDoes) {
  const Bytes octets = written(*an_ask(), GetParam());
  AskReader reader;
  std::vector<Fault> faults;
  ASSERT_TRUE(reader.read(octets, GetParam(), faults)) << describe(faults);
  const AskView& ask = reader.view;
  EXPECT_EQ(ask.protocol, "box");
  EXPECT_EQ(ask.message, "Put");
  EXPECT_EQ(Key::from_bytes(ask.key), Key("shelf/3"));
  EXPECT_EQ(ask.operation, (Uuid{7, 8}));
  EXPECT_EQ(ask.attempt, 513);
  EXPECT_FALSE(ask.one_way);
  EXPECT_TRUE(ask.repeatable);
  EXPECT_EQ(ask.principal, Principal::of_user({1, 2}, "customer"));
  EXPECT_EQ(ask.trace, "4bf92f3577b34da6a3ce929d0e0e4736");
  ASSERT_EQ(ask.chain.size(), 2U);
  EXPECT_EQ(ask.chain[0].protocol, "");
  EXPECT_EQ(Key::from_bytes(ask.chain[0].key), Key("second"));
  EXPECT_EQ(ask.chain[0].effect, Effect::keyed);
  EXPECT_EQ(ask.chain[1].protocol, "crate");
  EXPECT_EQ(Key::from_bytes(ask.chain[1].key), Key(Uuid{3, 4}));
  EXPECT_EQ(ask.chain[1].effect, Effect::once);
  EXPECT_EQ(wire::from_msgpack<box::Put>(ask.body, GetParam())->what, "tea");
}

TEST_P(AskCodec, SaysLittleOfAPlainAsk) {
  EnvelopePtr plain(new TypedEnvelope<crate::List>(&message_info<crate::Api, crate::List>, crate::List{}));
  const Bytes octets = written(*plain, GetParam());
  AskReader reader;
  std::vector<Fault> faults;
  ASSERT_TRUE(reader.read(octets, GetParam(), faults)) << describe(faults);
  EXPECT_TRUE(reader.view.key.empty());
  EXPECT_TRUE(reader.view.operation.is_nil());
  EXPECT_EQ(reader.view.principal, Principal());
  EXPECT_TRUE(reader.view.chain.empty());
}

INSTANTIATE_TEST_SUITE_P(Encodings, AskCodec, testing::Values(wire::Encoding::keyed, wire::Encoding::positional),
                         [](const auto& tested) {
                           return tested.param == wire::Encoding::keyed ? "Keyed" : "Compact";
                         });

TEST(CompactAsk, IsRefusedWhereItsHeadEndsTooEarly) {
  const Bytes octets = written(*an_ask(), wire::Encoding::positional);
  const std::size_t body = wire::to_msgpack(box::Put{"tea"}).size();
  for (std::size_t size = 0; size < octets.size() - body; ++size) {
    AskReader reader;
    std::vector<Fault> faults;
    EXPECT_FALSE(reader.read(std::span(octets).first(size), wire::Encoding::positional, faults)) << size;
    EXPECT_EQ(faults.size(), 1U);
  }
}

TEST(CompactAsk, IsRefusedWhereItNamesWhatDoesNotExist) {
  const Bytes octets = written(*an_ask(), wire::Encoding::positional);
  // The kind of the principal stands behind bits, attempt, three texts and the operation.
  const std::size_t kind = 3 + (2 + 3) + (2 + 3) + (2 + 1 + 7) + 16;
  Bytes strange = octets;
  ASSERT_EQ(strange[kind], std::byte{1});
  strange[kind] = std::byte{3};
  AskReader reader;
  std::vector<Fault> faults;
  EXPECT_FALSE(reader.read(strange, wire::Encoding::positional, faults));
}

TEST(CompactAsk, IsRefusedWhereATextIsNotUtf8) {
  EnvelopePtr ask = an_ask();
  ask->origin = Shared<Origin>(new Origin(Principal(), "a trace\xff"));
  AskReader reader;
  std::vector<Fault> faults;
  EXPECT_FALSE(reader.read(written(*ask, wire::Encoding::positional), wire::Encoding::positional, faults));
  EXPECT_EQ(faults.size(), 1U);
}

TEST(CompactAsk, IsReadFromAnyOctetsWithoutHarm) {
  EXPECT_TRUE(rc::check([](const std::string& text) {
    AskReader reader;
    std::vector<Fault> faults;
    const bool whole = reader.read(transport::as_octets(text), wire::Encoding::positional, faults);
    RC_ASSERT(whole == faults.empty());
  }));
}

TEST(CompactAsk, DoesNotCarryATextOfUnusualLength) {
  EnvelopePtr ask = an_ask();
  ask->origin = Shared<Origin>(new Origin(Principal(), std::string(70'000, 'x')));
  EXPECT_THROW(written(*ask, wire::Encoding::positional), std::length_error);
}

}  // namespace
}  // namespace troupe::cluster
