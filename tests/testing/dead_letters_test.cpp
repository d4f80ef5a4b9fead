// Dead letters of whole applications: where sender and receiver live makes no difference.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/testing/equivalence.hpp>
#include <troupe/testing/world.hpp>
#include "tests/testing/gossip.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Uuid speaker_id{7, 1};
constexpr Uuid listener_id{7, 2};

node::Application gossiping() {
  node::Application application("gossip", "test");
  application.add<gossip::speaker::Declaration>().add<gossip::listener::Declaration>();
  return application;
}

bool tells_of(const HttpAnswer& answer, std::string_view text) { return answer.body.find(text) != std::string::npos; }

void tells_poison_among_other_things(ScenarioDriver& driver) {
  const std::string listener = "/listeners/" + to_text(listener_id);
  driver.post("/speakers/" + to_text(speaker_id) + "/words",
              R"({"listener":")" + to_text(listener_id) + R"(","texts":["one","poison","two","three"]})");
  driver.until({"GET", listener}, [](const HttpAnswer& answer) { return tells_of(answer, "three"); });
}

TEST(DeadLetters, AreTheSameInEveryPlacement) {
  const auto application = gossiping();
  Equivalence gossips(application, {{"tells poison among other things", &tells_poison_among_other_things}});
  const auto& expected = gossips.expected();
  EXPECT_THAT(expected.transcript.back().answers, HasSubstr(R"({"heard":["one","two","three"],"cured":false})"));
  EXPECT_THAT(expected.state, Contains(HasSubstr("a dead letter of speaker/")));
  for (const auto* placement : {"gateway | speaker | listener", "gateway speaker | listener",
                                "gateway | speaker listener", "gateway | speaker*3 | listener*3"}) {
    for (const auto seed : seeds(3)) {
      EXPECT_EQ(gossips.difference_on({.placement = placement, .seed = seed}), "") << placement;
    }
  }
}

TEST(DeadLetters, AreBuriedOverLinksThatBreakAsWell) {
  const auto application = gossiping();
  for (const auto seed : seeds(5)) {
    Cluster cluster(
        application,
        {.placement = "gateway | speaker | listener", .seed = seed, .network = NetworkFaults::broken_connections});
    Names names;
    ScenarioDriver driver(cluster, names, ScenarioDriver::Repeats::open_outcomes);
    driver.begin("in a storm");
    tells_poison_among_other_things(driver);
    cluster.end();
    EXPECT_THAT(driver.transcript().back().answers, HasSubstr(R"("heard":["one","two","three"])"));
    EXPECT_THAT(cluster.durable_state(names), Contains(HasSubstr(R"({"text":"poison"}, )"))) << seed;
  }
}

TEST(DeadLetters, AreKeptBesideTheirSenderAndReported) {
  World world;
  world.add<gossip::speaker::Declaration>().add<gossip::listener::Declaration>().start();
  ASSERT_TRUE((world.ask<gossip::speaker::Api, gossip::speaker::Tell>(speaker_id, listener_id,
                                                                      std::vector<std::string>{"poison", "one"}))
                  .ok());
  world.advance(10s);
  EXPECT_THAT((world.ask<gossip::listener::Api, gossip::listener::Recall>(listener_id)->heard), ElementsAre("one"));
  const auto speakers = world.store("speaker").entities();
  ASSERT_EQ(speakers.size(), 1u);
  ASSERT_EQ(speakers[0].dead_letters.size(), 1u);
  EXPECT_EQ(speakers[0].dead_letters[0].send.body, R"({"text":"poison"})");
  EXPECT_TRUE(speakers[0].sends.empty());
  EXPECT_EQ(world.reports().back(), "a send of speaker " + to_text(speaker_id) + " is a dead letter: listener " +
                                        to_text(listener_id) + " crashed on Hear again and again");
  world.restart();
  world.advance(10s);
  EXPECT_EQ(world.store("speaker").entities().at(0).dead_letters.size(), 1u) << "it is not tried again by itself";
}

}  // namespace
}  // namespace troupe::testing
