#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include <troupe/loop/worker.hpp>

namespace troupe::storage::sqlite {

/// The thread of one queue, made when the queue first gets work.
///
///     resting ── wake() ──▶ awake, `drain` runs ── rest(), the queue is empty ──▶ resting
///        ├── refuse() ──▶ takes nothing more, ends what it has ── accept() ──▶ resting
///        └────────────────────────┴── close(), after the last `drain` ──▶ closed
///
/// Threads: any. Its owner guards the queue with `mutex()`, and holds that where it is said; `drain` runs without.
class QueueWorker {
 public:
  /// What a queue does, on its thread. Lifetime: all outlives close().
  struct Work {
    /// Takes from the queue until it is empty, and says so by rest().
    std::function<void()> drain;
    /// Something was thrown out of `drain` or another job, or told by fail(). What it throws itself ends the process.
    std::function<void(const std::string& what)> crashed;
  };

  QueueWorker(loop::WorkerFactory& workers, std::string name, Work work);

  std::mutex& mutex() { return mutex_; }

  /// The queue gets work. Nothing of it is taken before the mutex is free. Returns why that can't be, for want of a
  /// thread; empty: it can. With the mutex held, as the next ones.
  std::string wake();
  /// `drain` has found the queue empty under this lock of the mutex, and returns.
  void rest() { awake_ = false; }
  bool is_closed() const { return closed_; }
  /// The queue takes no more work, and why.
  void refuse(const std::string& why) { refusal_ = why; }
  void accept() { refusal_.clear(); }
  /// Empty: it takes work.
  const std::string& refusal() const { return refusal_; }

  /// Runs a job on its thread, behind what is under way. False: it is closed. Without the mutex, as the next ones.
  /// Errors: throws where there is no thread to be had.
  bool post(std::function<void()> job);
  /// Runs a job behind what is under way; where nothing can be, at once.
  void run_behind(std::function<void()> job);
  /// As if `drain` had thrown this. On another thread of the store.
  void fail(std::exception_ptr exception);
  /// Lets `drain` end what is queued, then runs `at_end`, at each call; the calls one after the other. Not from
  /// `drain`.
  void close(const std::function<void()>& at_end);

 private:
  void make_thread();
  void run(const std::function<void()>& job) noexcept;

  loop::WorkerFactory& workers_;
  const std::string name_;
  const Work work_;
  std::mutex closing_;
  std::mutex mutex_;  // guards what follows
  std::unique_ptr<loop::Worker> worker_;
  bool awake_ = false;
  bool closed_ = false;
  std::string refusal_;
};

}  // namespace troupe::storage::sqlite
