#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/actor/domain.hpp"
#include "runtime/engine/engine.hpp"
#include "runtime/observe/log.hpp"

namespace troupe::node {

/// Runs the sweeps of a node's domains on its first loop: each at the start, then `every` so often after its last end.
class Sweeps {
 public:
  Sweeps(engine::Engine& engine, std::string node, observe::Log log);
  ~Sweeps();
  Sweeps(const Sweeps&) = delete;
  Sweeps& operator=(const Sweeps&) = delete;

  /// Before start().
  void add(Domain::Sweep sweep);
  /// Threads: any, once.
  void start();
  /// No sweep starts any more. Threads: any.
  void stop() { stopping_.store(true, std::memory_order_relaxed); }

 private:
  struct Runner;

  engine::Engine& engine_;
  std::string node_;
  observe::Log log_;
  std::atomic<bool> stopping_{false};
  std::vector<std::unique_ptr<Runner>> runners_;
};

}  // namespace troupe::node
