#pragma once

#include <functional>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/gateway/routed_service.hpp>
#include <troupe/http/server.hpp>
#include <troupe/node/detail/loop_watch.hpp>
#include <troupe/observe/health.hpp>
#include <troupe/observe/metrics.hpp>

namespace troupe::node {

/// A node's work in numbers: its metrics, and the engine's part of its status.
///
/// Lifetime: engine and loop watch outlive it. Threads: one at a time.
class Telemetry {
 public:
  /// After all protocols are hosted. `loop_watch`: null where loops are not watched.
  Telemetry(engine::Engine& engine, const LoopWatch* loop_watch);

  /// `stats` is asked at each look.
  void add_gateway(const std::function<http::ServerStats()>& stats);
  /// Counts how long the gateway's requests take. Threads: any may call what it returns. Lifetime: this outlives that.
  std::function<void(const gateway::AnsweredRequest&)> request_times();

  /// The links as they are now; a node alone has none. The first call tells the peers for good.
  void set_links(std::vector<observe::LinkStatus> links);

  /// Asks the loops which of their entities are crash-looping, then calls; both on the first loop.
  void refresh(std::function<void()> then);

  std::string to_prometheus();
  void describe(observe::Status& status) const;

 private:
  void add_protocol(const engine::Host& host);
  void add_loops();
  void add_breakers();
  void add_links();
  void describe_breakers(observe::Status& status) const;
  /// Takes in the edges that have come to repeat calls since it was last asked: most never do.
  void add_retries();

  engine::Engine& engine_;
  const LoopWatch* loop_watch_;
  observe::Registry metrics_;
  std::vector<observe::LinkStatus> links_;
  std::vector<observe::CrashLoopStatus> crash_looping_;  ///< as of the last refresh
};

}  // namespace troupe::node
