#pragma once

#include <functional>

#include "runtime/actor/domain.hpp"
#include "runtime/engine/engine.hpp"

namespace troupe::testing::detail {

/// Runs one sweep on the first loop as a node does: at the start, then `every` so often after its last end.
///
/// Lifetime: destroyed after the engine and before the loops.
class SweepRunner final : public engine::Timer {
 public:
  using OnFailure = std::function<void(const std::string& sweep, const Failure& failure)>;

  SweepRunner(engine::Engine& engine, Domain::Sweep sweep, OnFailure on_failure);
  ~SweepRunner() { loop_.cancel_timer(*this); }

  void start();

 private:
  void run();
  void ended(const Outcome<Done>& outcome);

  engine::Engine& engine_;
  engine::Loop& loop_;
  Domain::Sweep sweep_;
  OnFailure on_failure_;
};

}  // namespace troupe::testing::detail
