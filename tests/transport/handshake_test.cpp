// Who talks to whom, and what both ends hear when they do not. Over real sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/transport/raw_socket.hpp"
#include "tests/transport/socket_node.hpp"

namespace troupe::transport {
namespace {

using testing::HasSubstr;

struct Refusing {
  const char* name;
  std::function<void(Self& catalog, Self& orders)> change;
  RefusalReason reason;
  const char* detail;
  RefusedBy by;  ///< as the dialer hears it
};

class HandshakeRefuses : public testing::TestWithParam<Refusing> {};

TEST_P(HandshakeRefuses, AndSaysWhyAtBothEnds) {
  Self of_catalog = make_self("catalog", 1);
  Self of_orders = make_self("orders", 2);
  of_catalog.keys = of_orders.keys = {"open sesame"};
  GetParam().change(of_catalog, of_orders);
  SocketNode catalog(of_catalog);
  SocketNode orders(of_orders);
  catalog.links.listen("127.0.0.1:0");
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  catalog.loops.start();
  orders.loops.start();
  ASSERT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return !orders.recorder.lost().empty(); }));
  EXPECT_EQ(orders.recorder.lost().at(1), Fate::not_executed);
  ASSERT_TRUE(catalog.eventually([&] { return !catalog.recorder.refused().empty(); }));
  const auto here = orders.recorder.refused().at(0);
  const auto there = catalog.recorder.refused().at(0);
  EXPECT_STREQ(to_text(here.reason), to_text(GetParam().reason));
  EXPECT_STREQ(to_text(there.reason), to_text(GetParam().reason));
  EXPECT_THAT(here.detail, HasSubstr(GetParam().detail));
  EXPECT_EQ(here.detail, there.detail);
  EXPECT_EQ(here.by, GetParam().by);
  EXPECT_NE(there.by, here.by);
  EXPECT_EQ(here.peer, "catalog");
  EXPECT_EQ(there.peer, of_orders.identity.name);
  EXPECT_EQ(orders.recorder.ups() + catalog.recorder.ups(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    All, HandshakeRefuses,
    testing::Values(Refusing{"AnotherCluster", [](Self&, Self& orders) { orders.cluster = "prod"; },
                             RefusalReason::wrong_cluster, "\"prod\"", RefusedBy::peer},
                    Refusing{"AnotherSecret", [](Self&, Self& orders) { orders.keys = {"open barley"}; },
                             RefusalReason::wrong_secret, "secrets", RefusedBy::peer},
                    Refusing{"NoSecretWhereThereIsOne", [](Self&, Self& orders) { orders.keys.clear(); },
                             RefusalReason::wrong_secret, "secrets", RefusedBy::peer},
                    Refusing{"ASecretWhereThereIsNone", [](Self& catalog, Self&) { catalog.keys.clear(); },
                             RefusalReason::wrong_secret, "secrets", RefusedBy::peer},
                    Refusing{"AFactThatDiffers", [](Self&, Self& orders) { orders.facts["shards"] = "128"; },
                             RefusalReason::differs, "shards is \"64\" here, and \"128\" on orders", RefusedBy::peer},
                    Refusing{"AFactThatIsMissing", [](Self&, Self& orders) { orders.facts.erase("hash"); },
                             RefusalReason::differs, "hash is \"1\" here, and nothing on orders", RefusedBy::peer},
                    Refusing{"AFactTooMany", [](Self&, Self& orders) { orders.facts["nodes.extra"] = "user"; },
                             RefusalReason::differs, "nodes.extra is nothing here", RefusedBy::peer},
                    Refusing{"TwoNodesOfOneName", [](Self&, Self& orders) { orders.identity.name = "catalog"; },
                             RefusalReason::duplicate_name, "two nodes are named \"catalog\"", RefusedBy::peer},
                    Refusing{"ItselfAtAnothersAddress",
                             [](Self& catalog, Self& orders) { orders.identity = catalog.identity; },
                             RefusalReason::is_self, "which dialed it", RefusedBy::peer},
                    Refusing{"AnotherNodeAtTheAddress", [](Self& catalog, Self&) { catalog.identity.name = "payment"; },
                             RefusalReason::wrong_node, "leads to \"payment\"", RefusedBy::peer}),
    [](const auto& tested) { return std::string(tested.param.name); });

/// Whether a link comes up where the two ends have these keys.
bool links_with(std::vector<std::string> keys_of_catalog, std::vector<std::string> keys_of_orders) {
  Self of_catalog = make_self("catalog", 1);
  Self of_orders = make_self("orders", 2);
  of_catalog.keys = std::move(keys_of_catalog);
  of_orders.keys = std::move(keys_of_orders);
  SocketNode catalog(of_catalog);
  SocketNode orders(of_orders);
  catalog.links.listen("127.0.0.1:0");
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  catalog.loops.start();
  orders.loops.start();
  EXPECT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  const auto done = [&] { return orders.recorder.ups() > 0 || !orders.recorder.refused().empty(); };
  return orders.eventually(done) && orders.recorder.ups() > 0;
}

TEST(Handshake, AcceptsEveryKeyWhileOneIsReplaced) {
  EXPECT_TRUE(links_with({"old", "new"}, {"old"})) << "the new one is known to some";
  EXPECT_TRUE(links_with({"old", "new"}, {"new", "old"})) << "it is proved by some, as it is known to all";
  EXPECT_TRUE(links_with({"new", "old"}, {"old", "new"}));
  EXPECT_TRUE(links_with({"new", "old"}, {"new"})) << "the old one is forgotten by some";
  EXPECT_TRUE(links_with({"new", "old"}, {"old"})) << "what is proved is answered under the same key";
  EXPECT_FALSE(links_with({"new"}, {"old", "new"})) << "the first is proved";
  EXPECT_FALSE(links_with({"new", "old"}, {"other"}));
}

TEST(Handshake, IsRefusedByTheDialerWhereTheAcceptorCannotProveTheSecret) {
  // An acceptor that welcomes everybody: it knows the words, but not the secret.
  RawListener impostor;
  Self self = make_self("orders", 2);
  self.keys = {"open sesame"};
  SocketNode orders(self);
  Peer& peer = orders.links.add_peer("catalog", impostor.address());
  orders.loops.start();
  ASSERT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  RawSocket socket = impostor.accept();
  socket.read(detail::preface_size);
  EXPECT_EQ(socket.read_frame().type, FrameType::hello);
  socket.write(detail::preface());
  detail::Challenge challenge;
  challenge.cluster = "test";
  challenge.name = "catalog";
  challenge.nonce.resize(detail::nonce_size);
  socket.write_frame(FrameType::challenge, encode(challenge));
  EXPECT_EQ(socket.read_frame().type, FrameType::proof);
  Bytes welcome(sizeof(detail::Proof));
  detail::Terms generous;
  generous.window = generous.max_frame = 1000;
  generous.facts = self.facts;
  const Bytes terms = encode(generous);
  welcome.insert(welcome.end(), terms.begin(), terms.end());
  socket.write_frame(FrameType::welcome, welcome);
  const auto refused = socket.read_frame();
  EXPECT_EQ(refused.type, FrameType::refuse);
  EXPECT_EQ(detail::decode_refusal(refused.payload).reason, RefusalReason::wrong_secret);
  ASSERT_TRUE(orders.eventually([&] { return !orders.recorder.refused().empty(); }));
  EXPECT_EQ(orders.recorder.refused()[0].by, RefusedBy::us);
}

TEST(Handshake, TakesTheFramesThatComeTogetherWithTheWelcome) {
  RawListener listener;
  SocketNode orders(make_self("orders", 2));
  Peer& peer = orders.links.add_peer("catalog", listener.address());
  orders.loops.start();
  ASSERT_EQ(orders.ask(peer, 1, "x"), SendResult::accepted);
  RawSocket socket = listener.accept();
  socket.read(detail::preface_size);
  const Bytes hello = socket.read_frame().payload;
  detail::Challenge challenge;
  challenge.name = "catalog";
  challenge.cluster = "test";
  challenge.nonce.resize(detail::nonce_size);
  const Bytes challenged = encode(challenge);
  socket.write(detail::preface());
  socket.write_frame(FrameType::challenge, challenged);
  socket.read_frame();
  detail::Terms terms;
  terms.window = terms.max_frame = 1000;
  terms.facts = make_self("catalog", 1).facts;
  const Bytes agreed = encode(terms);
  const auto proof = detail::prove("", detail::Side::acceptor, hello, challenged, agreed);
  Bytes welcome(proof.begin(), proof.end());
  welcome.insert(welcome.end(), agreed.begin(), agreed.end());
  Bytes octets;
  append_frame(octets, {FrameType::welcome, 0, 0, welcome});
  append_frame(octets, {FrameType::ask, 0, 5, Bytes(20'000)});
  append_frame(octets, {FrameType::ask, 0, 6, {}});
  socket.write(octets);
  EXPECT_EQ(socket.read_frame().request, 1U) << "what had waited";
  EXPECT_EQ(socket.read_frame().request, 6U) << "the answer to the other is larger than we take";
}

TEST(Handshake, KeepsASecondProcessOfANameOutWhileTheFirstIsUp) {
  SocketNode catalog(make_self("catalog", 1));
  catalog.links.listen("127.0.0.1:0");
  catalog.loops.start();
  SocketNode first(make_self("orders", 2));
  Peer& from_first = first.links.add_peer("catalog", catalog.links.address());
  first.loops.start();
  ASSERT_EQ(first.ask(from_first, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(first.eventually([&] { return first.recorder.answers() == 1; }));
  {
    SocketNode second(make_self("orders", 3));
    Peer& from_second = second.links.add_peer("catalog", catalog.links.address());
    second.loops.start();
    ASSERT_EQ(second.ask(from_second, 1, "x"), SendResult::accepted);
    ASSERT_TRUE(second.eventually([&] { return !second.recorder.refused().empty(); }));
    EXPECT_EQ(second.recorder.refused()[0].reason, RefusalReason::duplicate_name);
  }
  ASSERT_EQ(first.ask(from_first, 2, "x"), SendResult::accepted);
  EXPECT_TRUE(first.eventually([&] { return first.recorder.answers() == 2; }));
}

TEST(Handshake, CarriesIdentityLoopsFingerprintsAndFeatures) {
  Self self = make_self("catalog", 1);
  self.fingerprints = {{"product", 0xfedc'ba98'7654'3210}, {"user", 7}};
  SocketNode catalog(self, {.loops = 2});
  catalog.links.listen("127.0.0.1:0");
  catalog.loops.start();
  Self asker = make_self("orders", 2);
  asker.fingerprints = {{"order", 9}};
  asker.features = {"probe", "later"};
  asker.identity.incarnation = 12;
  SocketNode orders(asker);
  Peer& peer = orders.links.add_peer("catalog", catalog.links.address());
  orders.loops.start();
  ASSERT_EQ(orders.ask(peer, 1, "x", 1), SendResult::accepted);
  ASSERT_TRUE(orders.eventually([&] { return orders.recorder.ups() == 2 && catalog.recorder.ups() == 2; }));
  const LinkPtr there = orders.recorder.links()[0];
  EXPECT_EQ(there->peer().fingerprints, self.fingerprints);
  EXPECT_EQ(there->peer().facts, self.facts);
  EXPECT_EQ(there->peer().loops, 2U);
  const LinkPtr here = catalog.recorder.links()[0];
  EXPECT_EQ(here->peer().fingerprints, asker.fingerprints);
  EXPECT_EQ(here->peer().identity.incarnation, 12U);
  EXPECT_TRUE(here->peer().knows("probe"));
  EXPECT_FALSE(there->peer().knows("probe")) << "it said nothing of that";
}

TEST(Handshake, LetsAClientInWithoutFacts) {
  SocketNode catalog(make_self("catalog", 1));
  catalog.links.listen("127.0.0.1:0");
  catalog.loops.start();
  Self self = make_self("catalog", 2);  // a client's name stands in nobody's way
  self.identity.role = Role::client;
  self.facts.clear();
  SocketNode client(self);
  Peer& peer = client.links.add_peer("catalog", catalog.links.address());
  client.loops.start();
  ASSERT_EQ(client.ask(peer, 1, "x"), SendResult::accepted);
  ASSERT_TRUE(client.eventually([&] { return client.recorder.answers() == 1; }));
  EXPECT_EQ(catalog.recorder.links().at(0)->peer().identity.role, Role::client);
}

}  // namespace
}  // namespace troupe::transport
