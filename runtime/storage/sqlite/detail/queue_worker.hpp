#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <troupe/loop/worker.hpp>

namespace troupe::storage::sqlite {

/// The thread of one queue, made when the queue first gets work.
///
///     resting ── wake() ──▶ awake, `drain` runs ── rest(), the queue is empty ──▶ resting
///        └────────────────────────┴── close(), after the last `drain` ──▶ closed
///
/// Threads: any. Its owner guards the queue with `mutex()`, and holds that where it is said; `drain` runs without.
class QueueWorker {
 public:
  /// `drain` takes from the queue until it is empty, and says so by rest(). Lifetime: all outlives close().
  QueueWorker(loop::WorkerFactory& workers, std::string name, std::function<void()> drain);

  std::mutex& mutex() { return mutex_; }

  /// The queue has got work. With the mutex held.
  void wake();
  /// `drain` has found the queue empty under this lock of the mutex, and returns.
  void rest() { awake_ = false; }
  /// The queue takes no more work. With the mutex held.
  bool is_closed() const { return closed_; }
  /// Lets `drain` end what is queued, then runs `at_end`, at each call; the calls one after the other. Without the
  /// mutex, and not from `drain`.
  void close(const std::function<void()>& at_end);

 private:
  loop::WorkerFactory& workers_;
  const std::string name_;
  const std::function<void()> drain_;
  std::mutex closing_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<loop::Worker> worker_;
  bool awake_ = false;
  bool closed_ = false;
};

}  // namespace troupe::storage::sqlite
