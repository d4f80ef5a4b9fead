#pragma once

#include <functional>
#include <memory>
#include <optional>
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
  /// Brings the numbers that other loops keep up to date, then calls; both on the first loop, as the next two.
  std::function<void(std::function<void()> then)> refresh;
  std::function<observe::Status()> status;
  std::function<std::string()> metrics;
  /// Looks around for what `checks` tells of, then calls; both on the first loop.
  std::function<void(std::function<void()> then)> look_around;
  std::function<std::vector<observe::Check>()> checks;  ///< all but the loops themselves
  /// Why a loop is known to be stuck; nothing: it is not.
  std::function<std::optional<std::string>(std::size_t loop)> trouble_of_loop;
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
  /// Looks around, asks every loop for a sign of life, and answers when all gave it, or the patience is over.
  void ready(http::Respond respond);
  void ask_loops(http::Respond respond);

  engine::Engine& engine_;
  AdminSources sources_;
  AdminRules rules_;
  DeadLetterRoutes dead_letters_;
};

}  // namespace troupe::node
