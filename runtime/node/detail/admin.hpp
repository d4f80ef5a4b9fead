#pragma once

#include <functional>
#include <memory>
#include <string>

#include <troupe/engine/engine.hpp>
#include <troupe/http/service.hpp>
#include <troupe/node/detail/admin_rules.hpp>
#include <troupe/node/detail/dead_letter_routes.hpp>
#include <troupe/observe/health.hpp>
#include <troupe/observe/log.hpp>
#include <troupe/observe/metrics.hpp>

namespace troupe::node {

/// What the admin listener tells of.
struct AdminSources {
  std::string node;
  std::string topology;
  topology::Address address;  ///< its own, as the topology has it
  /// Brings the numbers that other loops keep up to date, then calls; both on the first loop, as the next three.
  std::function<void(std::function<void()> then)> refresh;
  std::function<observe::Status()> status;
  std::function<std::string()> metrics;
  /// Looks whether requests may be sent here, then calls.
  std::function<void(std::function<void(observe::Readiness)> then)> readiness;
  observe::Log log;
};

/// The operations listener: /livez, /readyz, /metrics, /status, /dead-letters and a page at /. Probes and metrics
/// answer under any name, for their askers know a node by names that it does not know; the rest keeps to AdminRules.
/// Threads: serves on the engine's first loop.
class Admin final : public http::Service {
 public:
  Admin(engine::Engine& engine, AdminSources sources);

  void handle(http::Request request, http::Respond respond) override;
  http::Response refuse(const http::Refusal& refusal) override;
  void crashed(std::string_view what) noexcept override;

 private:
  /// Answers with what `make` makes, once the numbers are up to date.
  void with_fresh_numbers(http::Respond respond, std::function<http::Response()> make);
  void ready(http::Respond respond);

  engine::Engine& engine_;
  AdminSources sources_;
  AdminRules rules_;
  DeadLetterRoutes dead_letters_;
};

}  // namespace troupe::node
