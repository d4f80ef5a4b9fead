#include <troupe/node/readiness/dependency_probe.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"
#include "tests/node/readiness/bell.hpp"

namespace troupe::node {
namespace {

using ::testing::ElementsAre;

/// Answers once it goes.
namespace clock {
struct Mechanism {
  bool goes = false;
  int asked = 0;
};
struct Look {
  using Reply = Done;
  static constexpr auto effect = Effect::read;
};
using Api = Protocol<"clock", Look>;
struct State {};
class Clock : public Entity<Api, State> {
 public:
  explicit Clock(Mechanism* mechanism) : mechanism_(mechanism) {}
  Task<Done> on(Look) const {
    ++mechanism_->asked;
    if (mechanism_->goes) co_return Rejected{"too_late"};
    co_return Failure(Failure::Kind::not_executed, std::string(failure_code::unavailable), "it stands");
  }

 private:
  Mechanism* mechanism_;
};
}  // namespace clock

class DependencyProbeTest : public ::testing::Test {
 protected:
  DependencyProbeTest() {
    engine_.set_call_policies([](auto, auto) { return resilience::CallPolicy{.attempts = 1}; });
    engine_.host(entity_type<clock::Clock>(&mechanism_), nullptr);
    engine_.host(entity_type<bell::Bell>(), nullptr);
    engine_.start();
    probe_.emplace(engine_, "edge", std::vector<std::string>{"clock", "bell", "nobody"});
  }
  ~DependencyProbeTest() override { engine_.stop(std::chrono::milliseconds(0)); }

  void look() {
    bool heard = false;
    engine_.loop(0).call([&] { probe_->ask_missing([&] { heard = true; }); });
    EXPECT_TRUE(world_.run_until([&] { return heard; }, std::chrono::seconds(5)));
  }
  std::vector<std::string> shown() const {
    std::vector<std::string> lines;
    for (const auto& check : probe_->checks()) {
      lines.push_back(check.name + (check.status == observe::Health::ok ? " is ok" : " fails, " + *check.detail));
    }
    return lines;
  }

  clock::Mechanism mechanism_;
  engine::NoReports reports_;
  loop::Simulation world_{1, 1};
  engine::Engine engine_{world_, reports_};
  std::optional<DependencyProbe> probe_;
};

TEST_F(DependencyProbeTest, AsksUntilAllAnsweredAndNoLonger) {
  EXPECT_THAT(shown(), ElementsAre("protocol clock fails, it has not been asked yet"));
  look();
  EXPECT_THAT(shown(), ElementsAre("protocol clock fails, unavailable: it stands"));
  mechanism_.goes = true;
  look();
  EXPECT_THAT(shown(), ElementsAre("protocol clock is ok")) << "a no is an answer";
  mechanism_.goes = false;
  look();
  EXPECT_THAT(shown(), ElementsAre("protocol clock is ok"));
  EXPECT_EQ(mechanism_.asked, 2);
}

}  // namespace
}  // namespace troupe::node
