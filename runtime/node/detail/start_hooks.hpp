#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/loop_driver.hpp>
#include <troupe/node/application.hpp>
#include <troupe/observe/log.hpp>

namespace troupe::node {

/// The node was wanted no more before it was ready.
class StartInterrupted : public std::runtime_error {
 public:
  StartInterrupted() : std::runtime_error("the node was stopped before it was ready") {}
};

/// What an application does before its node is ready, such as making the first administrator.
///
/// Lifetime: all that it is given outlives it; it outlives the engine's work, which an interrupted hook may still be.
/// Threads: one, none of the loops'.
class StartHooks {
 public:
  /// Of what fails because others are not there, or do not answer: nodes start in any order, and their start is nothing
  /// that one of them should end for.
  enum class Repetition : std::uint8_t { none, until_others_answer };

  /// How long one try may take.
  static constexpr Duration default_patience = std::chrono::seconds(10);

  /// `stop_wanted` is looked at while a hook is waited for.
  StartHooks(engine::Engine& engine, loop::ThreadedLoops& loops, std::string node,
             std::shared_ptr<const Services> services, std::function<bool()> stop_wanted, observe::Log log,
             Duration patience = default_patience);

  /// Runs them in order. Errors: throws StartInterrupted; std::invalid_argument where what is set was rejected as
  /// `invalid`; std::runtime_error with what else was rejected, or failed and is not repeated.
  void run(const std::vector<Application::OnStart>& hooks, Repetition repetition);

 private:
  Outcome<Done> run_to_end(const Application::OnStart& hook);
  void go_on_if_wanted() const;

  engine::Engine& engine_;
  loop::ThreadedLoops& loops_;
  const std::string node_;
  const std::shared_ptr<const Services> services_;
  const std::function<bool()> stop_wanted_;
  const observe::Log log_;
  const Duration patience_;
};

}  // namespace troupe::node
