#include <troupe/node/detail/gateway.hpp>

#include <boost/asio/io_context.hpp>
#include <future>
#include <utility>
#include <vector>

#include <troupe/loop/clock.hpp>
#include <troupe/node/detail/run_on.hpp>

namespace troupe::node {

namespace {

gateway::RoutedServiceOptions service_options(const Application& application, const topology::GatewayLimits& limits,
                                              GatewayListeners listeners) {
  gateway::RoutedServiceOptions options;
  options.deadline = limits.deadline;
  options.allowed_origins = limits.cors_origins;
  options.title = application.name();
  options.version = application.version();
  options.answered = std::move(listeners.answered);
  options.crashed = [log = std::move(listeners.log)](std::string_view what) {
    log.error("the gateway failed on a request", {{"what", what}});
  };
  return options;
}

http::ServerOptions server_options(const topology::GatewayLimits& limits) {
  http::ServerOptions options;
  options.limits.connections = limits.max_connections;
  options.limits.header_bytes = limits.max_header_bytes;
  options.limits.body_bytes = limits.max_body_bytes;
  options.limits.total_body_bytes = limits.max_total_body_bytes;
  options.limits.header_time = limits.header_timeout;
  options.limits.body_time = limits.body_timeout;
  options.limits.idle_time = limits.idle_timeout;
  options.wall_clock = [] { return std::chrono::system_clock::time_point(loop::system_clock().wall()); };
  return options;
}

std::vector<boost::asio::io_context*> contexts_of(loop::ThreadedLoops& loops) {
  std::vector<boost::asio::io_context*> contexts;
  for (std::size_t i = 0; i < loops.size(); ++i) contexts.push_back(&loops.io(i));
  return contexts;
}

}  // namespace

Gateway::Gateway(engine::Engine& engine, loop::ThreadedLoops& loops, const Application& application,
                 const Deployment& deployment, const Services& services, const topology::GatewayLimits& limits,
                 GatewayListeners listeners)
    : loops_(loops),
      service_(engine, deployment.routes(), services.signer, application.authenticator(), deployment.secrets(),
               service_options(application, limits, std::move(listeners))),
      server_(std::make_unique<http::Server>(contexts_of(loops), service_, server_options(limits))) {}

std::string Gateway::open(const topology::Address& address) {
  run_on(loops_.loop(0), [&] {
    server_->listen(topology::to_string(address));
    is_open_ = true;
  });
  return server_->address();
}

void Gateway::drain(std::chrono::milliseconds limit) {
  std::promise<void> drained;
  auto waiting = drained.get_future();
  server_->drain(limit, [&drained] { drained.set_value(); });
  waiting.get();
}

std::optional<observe::GatewayStatus> Gateway::status() const {
  if (!is_open_) return std::nullopt;
  const auto stats = server_->stats();
  return observe::GatewayStatus{server_->address(), stats.open_connections, stats.in_flight, stats.requests};
}

}  // namespace troupe::node
