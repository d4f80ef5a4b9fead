#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <troupe/loop/watchdog.hpp>
#include <troupe/observe/log.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::node {

/// A watchdog over a node's loops that tells the log of those that are stuck, and others what they are at.
///
/// Lifetime: the loops' is longer. Threads: any.
class LoopWatch final : public loop::WatchdogListener {
 public:
  LoopWatch(loop::ThreadedLoops& loops, loop::WatchdogLimits limits, int exit_code, observe::Log log);

  struct Stuck {
    Duration held{};
    std::string doing;  ///< for people: "order.Place of 01m7…"
  };
  /// Nothing: the loop is not stuck.
  std::optional<Stuck> find_stuck(std::size_t loop) const;
  /// The same for people.
  std::optional<std::string> trouble_of(std::size_t loop) const;

  void stuck(const loop::StuckLoop& stuck) override;
  void went_on(std::size_t loop, Duration held) override;
  void ending(const loop::StuckLoop& stuck) override;

 private:
  struct Seen {
    Instant since;
    std::string doing;
  };

  observe::Log log_of(const loop::StuckLoop& stuck) const;

  observe::Log log_;
  mutable std::mutex mutex_;
  std::vector<std::optional<Seen>> seen_;  ///< by loop; nothing: it is not stuck
  loop::Watchdog watchdog_;                // last: it tells of loops as soon as it is there
};

}  // namespace troupe::node
