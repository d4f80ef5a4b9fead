// What a loop tells of the code that runs on it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <troupe/actor/entity.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::engine::tellers {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

/// What the loop of this thread says of itself.
std::string told() {
  loop::Activity activity;
  const auto source = loop::Loop::current()->activity_source();
  source.describe(source.object, activity);
  if (activity.message.empty()) return std::string(activity.protocol);
  return std::string(activity.protocol) + "." + std::string(activity.message) + " " + activity.key();
}

std::vector<std::string> notes;
void note() { notes.push_back(told()); }

struct Stamp {
  using Reply = Done;
};
struct Wait {
  using Reply = Done;
};
struct Forward {
  using Reply = Done;
};
using Api = Protocol<"desk", Stamp, Wait, Forward>;

struct State {};

Key with_id() { return Key(Uuid{0x0123456789abcdefULL, 0x8123456789abcdefULL}); }

class Desk : public Entity<Api, State> {
 public:
  Task<Done> on(Stamp) {
    note();
    co_return Done{};
  }
  Task<Done> on(Wait) {
    co_await pause(10ms);
    note();
    co_return Done{};
  }
  Task<Done> on(Forward) {
    note();
    co_await actor<Api>(with_id()).ask<Stamp>();
    note();
    co_await actor<Api>(with_id()).ask<Wait>();
    note();
    co_return Done{};
  }
};

Task<Done> ask_desk() {
  note();
  co_await actor<Api>(Key("front")).ask<Forward>();
  note();
  co_return Done{};
}

TEST(ActivityOfALoop, IsTheTurnOrRequestThatRunsInnermost) {
  notes.clear();
  NoReports reports;
  loop::Simulation world(1);
  Engine engine(world, reports);
  engine.host(entity_type<Desk>(), nullptr);
  engine.start();
  bool ended = false;
  loop::Loop& at = world.loop(0);
  at.call([&] {
    RootOptions options{Shared<Origin>(new Origin(Principal::of_node("test"), {})), at.now() + 1h};
    engine.run(at, std::move(options), ask_desk(), [&](const Outcome<Done>& outcome) { ended = outcome.ok(); });
  });
  ASSERT_TRUE(world.run_until([&] { return ended; }, 1s));
  const std::string inner = " " + with_id().to_string();
  EXPECT_THAT(notes, ElementsAre("gateway", "desk.Forward front", "desk.Stamp" + inner, "desk.Forward front",
                                 "desk.Wait" + inner, "desk.Forward front", "gateway"));
  std::string outside = "not asked";
  at.call([&] { outside = told(); });
  world.advance(1s);
  EXPECT_EQ(outside, "");
}

}  // namespace
}  // namespace troupe::engine::tellers
