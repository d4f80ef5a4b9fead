#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <troupe/actor/domain.hpp>
#include <troupe/engine/engine.hpp>

namespace troupe::engine {

/// Runs the sweeps of a node's domains on its first loop, as workers of its supervision tree: each at the start, then
/// `every` so often after its last end. One that crashes is started again by its supervisor, and comes back after
/// `every`; one that fails is tried again then.
///
/// Lifetime: destroyed after the engine has stopped and before the loops.
class Sweeps {
 public:
  /// Told on the first loop of a sweep that failed; it is tried again.
  using OnFailure = std::function<void(const std::string& sweep, const Failure& failure)>;

  /// `node` is in whose name they ask.
  Sweeps(Engine& engine, std::string node, OnFailure on_failure);
  ~Sweeps();
  Sweeps(const Sweeps&) = delete;
  Sweeps& operator=(const Sweeps&) = delete;

  /// Before the engine's start(), once its protocol is hosted or known. Left out where no entity of the protocol lives.
  void add(Domain::Sweep sweep);
  /// They wait for this. Threads: any, once.
  void start();
  /// No sweep starts any more. Threads: any.
  void stop() { stopping_.store(true, std::memory_order_relaxed); }

 private:
  class Runner;
  struct Entry {
    Domain::Sweep sweep;
    Runner* living = nullptr;  ///< its present life
  };

  Engine& engine_;
  loop::Loop& loop_;
  std::string node_;
  OnFailure on_failure_;
  std::atomic<bool> stopping_{false};
  bool is_begun_ = false;  ///< the loop's to touch
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace troupe::engine
