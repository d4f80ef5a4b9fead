#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include <troupe/engine/engine.hpp>
#include <troupe/observe/log.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::node {

/// How many stacks of crashes the log takes: each is a line of a thousand characters and more, whose making takes 20 us
/// and more, and those of a flood are alike. Threads: any.
class StackAllowance {
 public:
  /// At once; then one in each interval.
  static constexpr int burst = 10;
  static constexpr Duration interval = std::chrono::seconds(1);

  bool take(Instant now);

 private:
  std::mutex mutex_;
  Instant used_until_{};
};

/// Tells the log what the engine and its stores report.
///
/// Lifetime: outlives both. Threads: any.
class EngineLog final : public engine::Reporter {
 public:
  /// `application`: what its commands begin with. `on_gave_up` is told when the root of the supervision tree has given
  /// up; it may be empty.
  EngineLog(observe::Log log, std::string application, std::function<void()> on_gave_up)
      : log_(std::move(log)), application_(std::move(application)), on_gave_up_(std::move(on_gave_up)) {}

  void crashed(const engine::CrashReport& report) override;
  void crash_loop_ended(std::string_view protocol, const Key& key) override;
  void trouble(std::string_view what) override;
  void supervised(const supervision::Report& report) override;
  void gave_up(const supervision::ExitReason& reason) override;
  void breaker_changed(const engine::Edge::Branch& branch, resilience::Breaker::Change change) override;
  void deadlocked(const std::vector<engine::deadlock::Wait>& cycle) override;
  void buried(std::string_view protocol, const DeadLetter& letter) override;
  /// `trouble`: why commits of the protocol fail; empty: they work again.
  void storage_changed(std::string_view protocol, std::string_view trouble) const;

 private:
  observe::Log log_;
  const std::string application_;
  const std::function<void()> on_gave_up_;
  StackAllowance stacks_;
};

}  // namespace troupe::node
