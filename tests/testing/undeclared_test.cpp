#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <troupe/testing/equivalence.hpp>
#include <troupe/testing/world.hpp>
#include "tests/testing/counter.hpp"

// What an entity asks of another protocol it declares; anything else is refused, wherever the two stand.
namespace troupe::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

namespace clerk {

struct Look {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::idempotent;
};
struct Meddle {
  using Reply = std::int64_t;
  static constexpr auto effect = Effect::idempotent;
};
struct Grumble {
  using Is = Idempotent<>;
  static constexpr auto rejects = codes("conflict");
  std::string code;
};
struct Complain {
  using Is = Listing<std::vector<std::string>>;
  static constexpr auto rejects = codes("conflict");
  std::string code;
};
using Api = Protocol<"clerk", Look, Meddle, Grumble, Complain>;

struct State {
  std::int64_t seen = 0;
};

class Clerk : public Entity<Api, State, Asks<counter::Api, counter::Read>> {
 public:
  Task<std::int64_t> on(Look) {
    const auto total = co_await actor<counter::Api>(key()).ask<counter::Read>();
    co_return total.sum;
  }
  Task<std::int64_t> on(Meddle) {
    const auto total = co_await actor<counter::Api>(key()).ask<counter::Add>(1);
    co_return total.sum;
  }
  Task<Done> on(Grumble m) { co_return Rejected{m.code, "not now"}; }
  static Outcome<std::vector<std::string>> on(Complain m, const Rows&) { return Rejected{m.code, "not now"}; }
};

struct Declaration {
  using Entities = troupe::Entities<Clerk>;
  static void routes(gateway::Routes& r) {
    r.put<Api, Look>("/clerks/{id}/look").says("Looks at a counter");
    r.put<Api, Meddle>("/clerks/{id}/meddling").says("Adds to a counter, which it does not declare");
  }
};

}  // namespace clerk

TEST(UndeclaredAsk, IsRefusedByNameAndReported) {
  World world;
  world.add<counter::Declaration>().add<clerk::Declaration>().start();
  const Key key(Uuid{7, 7});
  EXPECT_TRUE((world.ask<clerk::Api, clerk::Look>(key).ok()));
  const auto refused = world.ask<clerk::Api, clerk::Meddle>(key);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.failure().code, failure_code::undeclared);
  EXPECT_THAT(refused.failure().detail, HasSubstr("the protocol clerk asked counter.Add"));
  EXPECT_THAT(refused.failure().detail, HasSubstr("add Asks<counter::Api, counter::Add> to its Entity"));
  EXPECT_EQ((world.ask<counter::Api, counter::Read>(key)->sum), 0);
  EXPECT_THAT(world.reports(), ElementsAre(refused.failure().detail));
  EXPECT_FALSE((world.ask<clerk::Api, clerk::Meddle>(Key(Uuid{7, 8})).ok()));
  EXPECT_THAT(world.reports(), SizeIs(1)) << "it is told once";
}

TEST(UndeclaredAsk, IsRefusedAlikeInEveryPlacement) {
  node::Application application("clerks", "test");
  application.add<counter::Declaration>().add<clerk::Declaration>();
  const std::string clerk = "/clerks/" + to_text(Uuid{7, 7});
  Equivalence clerks(application, {{"an ask that is declared, and one that is not", [&clerk](ScenarioDriver& driver) {
                                      EXPECT_EQ(driver.put(clerk + "/look", "{}").status, 200);
                                      EXPECT_EQ(driver.put(clerk + "/meddling", "{}").status, 500);
                                    }}});
  EXPECT_EQ(clerks.differences({1}), "");
}

TEST(UndeclaredRejection, IsReported) {
  World world;
  world.add<clerk::Declaration>().start();
  const Key key(Uuid{7, 7});
  EXPECT_TRUE((world.ask<clerk::Api, clerk::Grumble>(key, std::string("conflict")).rejected("conflict")));
  EXPECT_TRUE(world.reports().empty());
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE((world.ask<clerk::Api, clerk::Grumble>(key, std::string("grumpy")).rejected("grumpy")));
  }
  EXPECT_TRUE((world.ask<clerk::Api, clerk::Grumble>(key, std::string("sulky")).rejected("sulky")));
  EXPECT_THAT(world.reports(), ElementsAre(HasSubstr("clerk.Grumble was rejected with the code 'grumpy'"),
                                           HasSubstr("clerk.Grumble was rejected with the code 'sulky'")))
      << "each code is told once";
}

TEST(UndeclaredRejection, OfAListingIsReported) {
  World world;
  world.add<clerk::Declaration>().start();
  const auto complain = [&world](std::string code) { return world.ask_all<clerk::Api, clerk::Complain>(code); };
  EXPECT_TRUE(complain("conflict").rejected("conflict"));
  EXPECT_THAT(world.reports(), SizeIs(0));
  EXPECT_TRUE(complain("grumpy").rejected("grumpy"));
  EXPECT_TRUE(complain("grumpy").rejected("grumpy"));
  EXPECT_THAT(world.reports(), ElementsAre(HasSubstr("clerk.Complain was rejected with the code 'grumpy'")));
}

}  // namespace
}  // namespace troupe::testing
