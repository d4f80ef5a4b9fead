#include <troupe/engine/loop_state.hpp>

#include <gtest/gtest.h>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/simulation.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::engine {
namespace {

TEST(LoopState, LetsHandlersRunAtOnceOnlyToADepthThatTheStackTakes) {
  loop::Simulation world(1);
  NoReports reports;
  Engine engine(world, reports);
  LoopState& state = engine.state_of(world.loop(0));
  state.depth = LoopState::max_depth - 1;
  EXPECT_TRUE(state.may_run_at_once());
  state.depth = LoopState::max_depth;
  EXPECT_FALSE(state.may_run_at_once());
  state.depth = 0;
  EXPECT_TRUE(state.may_run_at_once());
}

}  // namespace
}  // namespace troupe::engine
