#pragma once

#include <troupe/engine/engine.hpp>
#include <troupe/observe/log.hpp>

namespace troupe::node {

/// Tells the log what the engine and its stores report.
///
/// Lifetime: outlives both. Threads: any.
class EngineLog final : public engine::Reporter {
 public:
  explicit EngineLog(observe::Log log) : log_(std::move(log)) {}

  void crashed(const engine::CrashReport& report) override;
  void crash_loop_ended(std::string_view protocol, const Key& key) override;
  void trouble(std::string_view what) override;
  void breaker_changed(const engine::Edge::Branch& branch, resilience::Breaker::Change change) override;
  /// `trouble`: why commits of the protocol fail; empty: they work again.
  void storage_changed(std::string_view protocol, std::string_view trouble) const;

 private:
  observe::Log log_;
};

}  // namespace troupe::node
