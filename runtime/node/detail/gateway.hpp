#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <troupe/engine/engine.hpp>
#include <troupe/gateway/routed_service.hpp>
#include <troupe/http/server.hpp>
#include <troupe/loop/loop_driver.hpp>
#include <troupe/node/application.hpp>
#include <troupe/node/deployment.hpp>
#include <troupe/observe/health.hpp>
#include <troupe/observe/log.hpp>
#include <troupe/topology/model.hpp>

namespace troupe::node {

/// Whom a gateway tells of its requests. Threads: any loop.
struct GatewayListeners {
  observe::Log log;
  std::function<void(const gateway::AnsweredRequest&)> answered;  ///< of each that was answered
};

/// A node's gateway: the routes of its application behind an HTTP server on all of its loops.
///
/// Order of life: construct, open, drain; stop the engine; close, and destroy it once the engine has gone.
/// Lifetime: engine and loops outlive `close`.
class Gateway {
 public:
  Gateway(engine::Engine& engine, loop::ThreadedLoops& loops, const Application& application,
          const Deployment& deployment, const Services& services, const topology::GatewayLimits& limits,
          GatewayListeners listeners);

  /// Listens, and tells the real address. Errors: throws http::ListenError. Threads: none of the loops'.
  std::string open(const topology::Address& address);
  /// Accepts no more and waits for the requests in flight. Threads: none of the loops'.
  void drain(std::chrono::milliseconds limit);
  void close() { server_.reset(); }

  http::ServerStats stats() const { return server_->stats(); }
  /// None before it listens. Threads: the first loop's.
  std::optional<observe::GatewayStatus> status() const;

 private:
  loop::ThreadedLoops& loops_;
  gateway::RoutedService service_;
  std::unique_ptr<http::Server> server_;
  bool is_open_ = false;  ///< the first loop's to touch
};

}  // namespace troupe::node
