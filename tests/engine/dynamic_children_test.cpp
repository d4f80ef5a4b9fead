#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

#include <troupe/engine/caf/actor_system.hpp>
#include <troupe/loop/simulation.hpp>

// A supervisor whose children come and go: simple_one_for_one, with actors.
namespace troupe::engine::crowd {
namespace {

using namespace std::chrono_literals;
using namespace supervision;

class ASupervisorOfDynamicChildren : public ::testing::Test {
 protected:
  struct Guest final : Leaf {
    explicit Guest(ASupervisorOfDynamicChildren& test) : test(test) {}
    ~Guest() override { std::erase(test.guests, this); }
    void start(Told told) override {
      ended = std::move(told.ended);
      test.guests.push_back(this);
      ++test.starts;
      told.started();
    }
    void exit(ExitSignal) override { ended(ExitReason::shutdown()); }

    ASupervisorOfDynamicChildren& test;
    std::function<void(ExitReason)> ended;
  };

  void SetUp() override {
    const LeafSpec guest{.loop = 1, .make = [this](loop::Loop&) { return std::make_unique<Guest>(*this); }};
    actors.start_tree({.flags = {.strategy = Strategy::simple_one_for_one},
                       .children = {{.id = "guest", .start = guest, .restart = supervision::Restart::transient}}},
                      "crowd",
                      {.report =
                           [this](const Report& report) {
                             if (crashes_at_reports) throw std::logic_error("a bug of the supervisor's");
                             reports.push_back(to_text(report.reason));
                           },
                       .started = [] {},
                       .ended = [this](const ExitReason& reason) { ends.push_back(to_text(reason)); }});
    world.start();
  }
  void TearDown() override {
    world.stop();
    actors.refuse();
    world.drop_jobs();
  }

  void invite() {
    world.loop(0).call(
        [this] { EXPECT_TRUE(actors.request("", request::StartDynamicChild{RequestId(++invited), invited})); });
    world.advance(1ms);
  }
  void leave(std::size_t number, ExitReason reason) {
    world.loop(1).call([this, number, reason] { guests.at(number)->ended(reason); });
    world.advance(1ms);
  }

  std::vector<Guest*> guests;
  std::size_t starts = 0;
  std::uint64_t invited = 0;
  bool crashes_at_reports = false;
  std::vector<std::string> reports;
  std::vector<std::string> ends;
  loop::Simulation world{3, 2};
  ActorSystem actors{world};
};

TEST_F(ASupervisorOfDynamicChildren, StartsThoseThatItIsAskedForAndAgainThoseThatFail) {
  EXPECT_EQ(starts, 0U) << "a template is no child";
  for (int i = 0; i < 3; ++i) invite();
  EXPECT_EQ(guests.size(), 3U);
  leave(1, ExitReason::error("spilt the wine"));
  EXPECT_EQ(guests.size(), 3U);
  EXPECT_EQ(starts, 4U);
  leave(0, ExitReason::normal());
  EXPECT_EQ(guests.size(), 2U) << "it is transient";
  EXPECT_THAT(reports, ::testing::ElementsAre(::testing::HasSubstr("spilt the wine")));
}

TEST_F(ASupervisorOfDynamicChildren, EndsThemAllWhenItStops) {
  for (int i = 0; i < 100; ++i) invite();
  actors.stop_tree();
  world.advance(1ms);
  EXPECT_TRUE(guests.empty());
  EXPECT_THAT(ends, ::testing::ElementsAre("shutdown"));
  EXPECT_TRUE(reports.empty());
}

TEST_F(ASupervisorOfDynamicChildren, TakesThemAlongShouldItCrash) {
  for (int i = 0; i < 3; ++i) invite();
  crashes_at_reports = true;
  leave(1, ExitReason::error("spilt the wine"));
  EXPECT_TRUE(guests.empty());
  EXPECT_THAT(ends, ::testing::ElementsAre("the root supervisor crashed"));
}

TEST_F(ASupervisorOfDynamicChildren, IsNotFoundWhereThereIsNone) {
  world.loop(0).call([this] {
    EXPECT_FALSE(actors.request("cellar", request::StartDynamicChild{RequestId(1), {}}));
    EXPECT_FALSE(actors.kill("cellar/rack"));
  });
  world.advance(1ms);
}

}  // namespace
}  // namespace troupe::engine::crowd
