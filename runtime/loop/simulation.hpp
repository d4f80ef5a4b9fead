#pragma once

#include <cstdint>
#include <memory>

#include <troupe/loop/loop_driver.hpp>

namespace troupe::loop {

/// Runs loops, workers and blocking work in the calling thread on virtual time, from one seed: the same seed gives the
/// same run. Time stands still while anything is ready, then jumps to the next timer; nothing ever sleeps.
///
/// It may hold several nodes, each with loops of its own.
/// Source: FoundationDB's simulation.
class Simulation final : public LoopDriver {
 public:
  explicit Simulation(std::uint64_t seed, std::size_t loops = 1);
  ~Simulation() override;

  /// The loops of one more node, counted from zero. Unlike the whole, it can be stopped, as a process that is killed,
  /// and started again. Lifetime: the simulation's.
  LoopDriver& add_node(std::size_t loops);

  std::size_t size() const override;
  Loop& loop(std::size_t index) override;
  WorkerFactory& workers() override;
  std::size_t blocking_threads() const override { return 0; }
  void start() override {}
  void stop() override {}
  void drop_jobs() override;

  /// Runs until the condition holds, or nothing happens any more within `limit` of virtual time.
  bool run_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) override;
  /// Runs one job of a loop or a worker that is ready, chosen by the seed; false: nothing is. Time stands still.
  bool step();
  /// Lets this much virtual time pass.
  void advance(std::chrono::milliseconds time);

  Time wall_time() const;

 private:
  struct Parts;
  class Node;
  enum class Pace : std::uint8_t { round, job };
  /// So much of something that is ready, chosen by the seed; false: nothing is.
  bool run_ready(Pace pace);

  std::unique_ptr<Parts> parts_;
};

}  // namespace troupe::loop
