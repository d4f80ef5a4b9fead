#pragma once

#include <functional>
#include <string>

#include "runtime/engine/engine.hpp"
#include "runtime/gateway/server.hpp"
#include "runtime/observe/health.hpp"
#include "runtime/observe/metrics.hpp"

namespace troupe::node {

/// A node's work in numbers: its metrics, and the engine's part of its status.
///
/// Lifetime: the engine outlives it. Threads: one at a time.
class Telemetry {
 public:
  /// After all protocols are hosted.
  explicit Telemetry(engine::Engine& engine);

  /// `stats` is asked at each look.
  void add_gateway(const std::function<gateway::ServerStats()>& stats);

  std::string to_prometheus();
  void describe(observe::Status& status) const;

 private:
  void add_protocol(const engine::Host& host);
  void add_loops();
  void add_breakers();
  /// Takes in the edges that have come to repeat calls since it was last asked: most never do.
  void add_retries();

  engine::Engine& engine_;
  observe::Registry metrics_;
};

}  // namespace troupe::node
