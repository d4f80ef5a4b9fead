#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include <troupe/engine/pending_requests.hpp>
#include <troupe/loop/loop.hpp>

namespace troupe::engine {

class CallContext;
class DeadlockDetector;
class Engine;
class Outbox;
class Root;

/// What the engine keeps for one of its loops. Threads: the loop's only, but for `contexts` and what the loop allows.
/// Lifetime: the engine's.
struct LoopState {
  LoopState(Engine& engine, loop::Loop& loop);
  ~LoopState();
  LoopState(const LoopState&) = delete;
  LoopState& operator=(const LoopState&) = delete;

  loop::Loop& loop;
  PendingRequests requests;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<DeadlockDetector> deadlocks;
  std::uint64_t accepted = 0;  ///< asks from elsewhere so far
  Root* first_root = nullptr;

  /// Turns, requests and sweeps that live on this loop; written here only, read from anywhere.
  std::atomic<std::uint64_t> contexts{0};
  void context_begun() { contexts.store(contexts.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  void context_ended() { contexts.store(contexts.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed); }

  /// Of these, such as go on for as long as a worker lives: nobody waits for their end.
  std::atomic<std::uint64_t> lasting{0};
  void lasting_begun() { lasting.store(lasting.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
  void lasting_ended() { lasting.store(lasting.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed); }

  /// How many handlers run nested on the stack at this moment.
  unsigned depth = 0;
  static constexpr unsigned max_depth = 16;
  /// Whether a handler may run now, on this stack and inside this job, instead of going through the loop's queue.
  bool may_run_at_once() { return depth < max_depth && loop.may_run_at_once(); }

  /// Whose code runs on the loop's thread at this moment, the innermost of those that are nested; null: nobody's.
  /// Atomic for a signal's handler on that thread, which asks what it interrupts.
  std::atomic<const CallContext*> running{nullptr};
};

}  // namespace troupe::engine
