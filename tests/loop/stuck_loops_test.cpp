#include <troupe/loop/stuck_loops.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::loop {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Looks at loops on time, four times a second.
class Looks : public ::testing::Test {
 protected:
  using Told = std::vector<std::string>;

  void loops(std::size_t count) {
    begun.assign(count, 0);
    stuck = StuckLoops(limits, count);
    next();
  }
  /// One look; whatever does not hold begins something before it.
  void next(Duration after = 250ms) {
    now += after;
    for (std::size_t i = 0; i < begun.size(); ++i) {
      const bool held = i < held_loops.size() && held_loops[i] == 'x';
      if (begun[i] && !held) ++*begun[i];
    }
    for (const auto& finding : stuck.look(now, begun, [this] { return ++asked_for_debugger, debugger; })) {
      constexpr std::array<std::string_view, 3> kinds{"stuck", "went on", "hopeless"};
      told.push_back(std::to_string(finding.loop) + " " +
                     std::string(kinds.at(static_cast<std::size_t>(finding.kind))) + " " +
                     troupe::to_text(finding.held));
    }
  }
  /// Looks for so long. 'x' is a loop that is held meanwhile, in the order of the loops.
  Told pass(Duration time, std::string_view held) {
    held_loops = held;
    told.clear();
    for (const Instant end = now + time; now < end;) next();
    return told;
  }

  WatchdogLimits limits;
  StuckLoops stuck{limits, 0};
  std::vector<std::optional<std::uint64_t>> begun;
  Debugger debugger = Debugger::absent;
  int asked_for_debugger = 0;

 private:
  Instant now = Instant() + 1h;
  std::string_view held_loops;
  Told told;
};

TEST_F(Looks, FindNothingWhereLoopsGoOn) {
  loops(2);
  EXPECT_THAT(pass(10min, ".."), IsEmpty());
  EXPECT_EQ(asked_for_debugger, 0);
}

TEST_F(Looks, FindALoopThatIsHeldForASecond) {
  loops(2);
  EXPECT_THAT(pass(750ms, ".x"), IsEmpty());
  EXPECT_THAT(pass(250ms, ".x"), ElementsAre("1 stuck 1s"));
}

TEST_F(Looks, FindNothingInShortHoldsOneAfterTheOther) {
  loops(1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_THAT(pass(750ms, "x"), IsEmpty());
    EXPECT_THAT(pass(250ms, "."), IsEmpty());
  }
}

TEST_F(Looks, TellAgainEachTimeThatTheTimeHasDoubledAndWhenItIsOver) {
  loops(1);
  EXPECT_THAT(pass(59s, "x"),
              ElementsAre("0 stuck 1s", "0 stuck 2s", "0 stuck 4s", "0 stuck 8s", "0 stuck 16s", "0 stuck 32s"));
  EXPECT_THAT(pass(10s, "."), ElementsAre("0 went on 59250ms"));
  EXPECT_THAT(pass(1s, "x"), ElementsAre("0 stuck 1s")) << "the next time begins anew";
}

TEST_F(Looks, TellOfEachLoopByItself) {
  loops(3);
  EXPECT_THAT(pass(1s, "x.."), ElementsAre("0 stuck 1s"));
  EXPECT_THAT(pass(1s, "x.x"), ElementsAre("0 stuck 2s", "2 stuck 1s"));
  EXPECT_THAT(pass(1s, "..x"), ElementsAre("0 went on 2250ms", "2 stuck 2s"));
}

TEST_F(Looks, FindALoopHopelessAtTheLimit) {
  loops(1);
  pass(59750ms, "x");
  EXPECT_EQ(asked_for_debugger, 0) << "which costs a look at a file";
  EXPECT_THAT(pass(250ms, "x"), ElementsAre("0 hopeless 1m"));
}

TEST_F(Looks, FindNoLoopHopelessWithoutALimit) {
  limits.exit = 0s;
  loops(1);
  EXPECT_THAT(pass(24h, "x"), ::testing::Each(::testing::HasSubstr("stuck")));
}

TEST_F(Looks, CountAnewAfterALookThatWasLate) {
  loops(1);
  pass(59s, "x");
  next(500ms);
  EXPECT_THAT(pass(500ms, "x"), ElementsAre("0 hopeless 1m")) << "late by no more than the interval";

  loops(1);
  pass(59s, "x");
  next(501ms);
  EXPECT_THAT(pass(59750ms, "x"),
              ElementsAre("0 stuck 1s", "0 stuck 2s", "0 stuck 4s", "0 stuck 8s", "0 stuck 16s", "0 stuck 32s"));
  EXPECT_THAT(pass(250ms, "x"), ElementsAre("0 hopeless 1m"));
}

TEST_F(Looks, FindNothingInAPauseOfTheWholeProcess) {
  loops(2);
  pass(500ms, ".x");
  next(1h);
  EXPECT_THAT(pass(750ms, ".x"), IsEmpty());
  EXPECT_THAT(pass(1s, ".."), IsEmpty());
}

TEST_F(Looks, TellThatALoopWentOnThatWasStuckBeforeAPause) {
  loops(1);
  EXPECT_THAT(pass(1s, "x"), ElementsAre("0 stuck 1s"));
  next(1h);
  EXPECT_THAT(pass(250ms, "."), ElementsAre("0 went on 250ms"));
}

TEST_F(Looks, FindNoLoopHopelessUnderADebugger) {
  loops(1);
  debugger = Debugger::attached;
  EXPECT_THAT(pass(10min, "x"), ::testing::Each(::testing::HasSubstr("stuck")));
  debugger = Debugger::absent;
  EXPECT_THAT(pass(59s, "x"), IsEmpty()) << "the time under the debugger does not count";
  EXPECT_THAT(pass(61s, "x"), ::testing::Contains(::testing::HasSubstr("hopeless")));
}

TEST_F(Looks, LeaveLoopsAloneThatNoThreadRuns) {
  loops(2);
  begun[1].reset();
  EXPECT_THAT(pass(10min, ".x"), IsEmpty());
  begun[1] = 0;
  EXPECT_THAT(pass(1s, ".x"), IsEmpty()) << "counted from when it starts";
  EXPECT_THAT(pass(250ms, ".x"), ElementsAre("1 stuck 1s"));
  begun[1].reset();
  EXPECT_THAT(pass(250ms, ".."), ElementsAre("1 went on 1250ms"));
}

}  // namespace
}  // namespace troupe::loop
