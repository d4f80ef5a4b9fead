#pragma once

#include <cstdint>
#include <vector>

#include <troupe/engine/deadlock/prober.hpp>
#include <troupe/engine/pending_requests.hpp>
#include <troupe/engine/shard.hpp>

namespace troupe::engine {

class Engine;
struct LoopState;

/// Finds deadlocks that turns of one loop are part of: sends probes along what they wait for, and takes those in that
/// come to its shards. It does nothing while no turn waits for an ask. Threads: its loop's.
class DeadlockDetector {
 public:
  DeadlockDetector(Engine& engine, LoopState& state);
  ~DeadlockDetector();
  DeadlockDetector(const DeadlockDetector&) = delete;
  DeadlockDetector& operator=(const DeadlockDetector&) = delete;

  /// A turn of this loop begins to wait for an ask.
  void watch() {
    if (!timer_.armed()) start_timer(deadlock::suspicion);
  }
  /// A probe has come after an ask of this entity, which lives here.
  void visit(Shard& shard, const Key& target, const AskNumber& ask, deadlock::Probe probe);

 private:
  struct Timer : loop::Timer {
    explicit Timer(DeadlockDetector& detector) : loop::Timer(&Timer::fired), detector(detector) {}
    static void fired(loop::Timer& timer) { static_cast<Timer&>(timer).detector.begin_period(); }
    DeadlockDetector& detector;
  };
  /// A wait under suspicion, as of the period's begin: it may have ended since.
  struct Suspect {
    const CallContext* turn;
    std::uint64_t request;
  };

  void start_timer(Duration after);
  void begin_period();
  /// Whether a probe is due for a wait of that age: soon, then rarely, in case one was lost.
  static bool is_due(Duration age);
  deadlock::Wait wait_of(const PendingRequests::OpenAsk& waiting) const;
  std::vector<deadlock::Wait> waits_of(const std::vector<const Turn*>& turns) const;
  void follow(deadlock::Probe probe);
  void fail(Shard& shard, const Key& target, const AskNumber& ask, const deadlock::Probe& probe);

  Engine& engine_;
  LoopState& state_;
  Timer timer_;
  deadlock::Prober prober_;
  std::vector<Suspect> suspects_;  ///< ordered by their turn
};

}  // namespace troupe::engine
