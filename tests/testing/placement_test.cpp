#include <troupe/testing/placement.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/testing/counter.hpp"

namespace troupe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Placement, IsReadFromNodesBetweenBars) {
  const auto placement = parse_placement("gateway user | order*3");
  ASSERT_EQ(placement.size(), 2U);
  EXPECT_THAT(placement[0].hosts, ElementsAre("gateway", "user"));
  EXPECT_EQ(placement[0].size, 1U);
  EXPECT_THAT(placement[1].hosts, ElementsAre("order"));
  EXPECT_EQ(placement[1].size, 3U);
  EXPECT_THROW(parse_placement("gateway | | order"), std::invalid_argument);
}

TEST(Placement, GivesANodeThatIsAloneNoLink) {
  EXPECT_EQ(tables_of(parse_placement("gateway user"), Ports::numbered),
            "[nodes.n0]\nhosts = [\"gateway\", \"user\"]\nadmin = \"127.0.0.1:9101\"\n\n"
            "[gateway]\nlisten = \"127.0.0.1:8080\"\n\n");
}

TEST(Placement, GivesEachNodeOfAGroupAnAddress) {
  const auto tables = tables_of(parse_placement("gateway*2 | user"), Ports::numbered);
  EXPECT_THAT(tables, HasSubstr("link = [\"127.0.0.1:7101\", \"127.0.0.1:7102\"]"));
  EXPECT_THAT(tables, HasSubstr("link = \"127.0.0.1:7103\""));
  EXPECT_THAT(tables, HasSubstr("listen = [\"127.0.0.1:8080\", \"127.0.0.1:8081\"]"));
  EXPECT_THAT(tables_of(parse_placement("gateway | user"), Ports::of_the_system), HasSubstr("link = \"127.0.0.1:0\""));
}

struct Send {
  using Reply = Done;
};
struct Sent {};

template <FixedString Name>
struct Named {
  class Mail : public Entity<Protocol<Name, Send>, Sent> {
   public:
    Task<Done> on(Send) { co_return Done{}; }
  };
  using Entities = troupe::Entities<Mail>;
};

TEST(Placement, OfAllThereAreIsEveryPartitionGroupsAndTwoGateways) {
  node::Application application("letters", "test");
  application.add<Named<"a">>().add<Named<"b">>().add<Named<"c">>();
  EXPECT_THAT(all_placements(application), ElementsAre("gateway | a b c", "gateway | a b | c", "gateway | a c | b",
                                                       "gateway | a | b c", "gateway | a | b | c", "gateway b c | a*3",
                                                       "gateway a c | b*3", "gateway a b | c*3", "gateway*2 | a b c"));
}

TEST(Placement, OfManyDomainsEachIsAloneOnce) {
  node::Application application("letters", "test");
  application.add<Named<"a">>().add<Named<"b">>().add<Named<"c">>().add<Named<"d">>();
  EXPECT_EQ(all_placements(application).size(), 15U + 4U + 1U);
  application.add<Named<"e">>();
  EXPECT_EQ(all_placements(application).size(), 7U + 5U + 1U);
}

}  // namespace
}  // namespace troupe::testing
