#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/loop/activity.hpp>
#include <troupe/loop/clock.hpp>
#include <troupe/loop/timer_wheel.hpp>
#include <troupe/wire/id.hpp>

namespace troupe::loop {

/// A piece of work for a loop: a plain function and its two arguments, so that queueing costs no allocation.
struct Job {
  void (*run)(void* object, std::uint64_t argument);
  void* object = nullptr;
  std::uint64_t argument = 0;
  void (*drop)(void* object) = nullptr;  ///< releases the object of a job that is never run
};

/// One thread's event loop: a FIFO of ready jobs, jobs from other threads, and timers.
///
/// How it is driven is a subclass's: by an Asio io_context on a thread of its own, or by a simulation.
/// Threads: `post`, `call`, `nudge`, `begun`, `index` and `wall_time` from any; all else on the loop only.
class Loop {
 public:
  Loop(std::size_t index, const Clock& clock, std::unique_ptr<Chance> chance);
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  virtual ~Loop() = default;

  /// The loop that this thread runs at this moment; null on other threads.
  static Loop* current();
  bool here() const { return current() == this; }
  std::size_t index() const { return index_; }

  /// Queues a job behind those that are ready.
  void defer(Job job) {
    ready_.push_back(job);
    if (!running_) wake();
  }
  /// Queues a job from any thread.
  void post(Job job);
  /// As post, for any callable; it is destroyed after its run, or unrun with the loop.
  template <class F>
  void call(F f) {
    post({[](void* object, std::uint64_t) {
            std::unique_ptr<F> owned(static_cast<F*>(object));
            (*owned)();
          },
          new F(std::move(f)), 0, [](void* object) { delete static_cast<F*>(object); }});
  }

  /// The time as of the last look at the clock: cheap, and up to one round of jobs old.
  Instant now() const { return now_; }
  /// Looks at the clock; called first by what runs on the loop outside its rounds (a socket's handler).
  void refresh() {
    now_ = clock_.monotonic();
    at_once_left_ = at_once_limit;
    begins();
  }
  Time wall_time() const { return clock_.wall(); }

  void start_timer(Timer& timer, Instant due);
  void cancel_timer(Timer& timer) noexcept { timers_.cancel(timer); }

  /// For waits and choices only: see Chance.
  std::uint64_t random() { return chance_->choice(); }
  Uuid make_id() { return ids_.next(clock_.wall(), chance_->identity()); }
  /// For ids that strangers are shown.
  std::uint64_t shown_random() { return chance_->shown(); }

  /// What one job may run at once besides itself, without the queue; then other jobs get their turn.
  static constexpr unsigned at_once_limit = 64;
  /// Takes one such run from the job's budget; false: it is used up.
  bool may_run_at_once() {
    if (at_once_left_ == 0) return false;
    --at_once_left_;
    return true;
  }

  /// Jobs that wait for their turn, as of the last round's begin or end. Threads: any.
  std::size_t queued() const { return queued_.load(std::memory_order_relaxed); }

  /// How many jobs and sockets' handlers it has begun: what stands still is idle or stuck. Threads: any.
  std::uint64_t begun() const { return begun_.load(std::memory_order_relaxed); }
  /// Queues a job that does nothing, unless one waits already: one that is idle then begins something. Threads: any.
  void nudge();

  /// Who tells what runs here; before the driver starts. Nobody unless set.
  void set_activity_source(ActivitySource source) { activity_source_ = source; }
  ActivitySource activity_source() const { return activity_source_; }

 protected:
  /// The most jobs of a round. Those that were queued in it run in the next once it has run so many, at once or not.
  static constexpr std::size_t round_length = 256;

  /// From any thread: makes the driver call run_round() soon. May be called more often than needed.
  virtual void wake() = 0;

  /// Runs at most one round of jobs and the timers that are due. True: more is ready.
  bool run_round();
  /// Runs the next job alone, with nothing at once inside it, and the timers that are due.
  void run_one();
  /// When the next timer is due.
  std::optional<Instant> next_timer() const { return timers_.next(); }
  bool idle() const;
  /// Drops all jobs; on destruction, with no thread running the loop.
  void drop_jobs();

  class Entered {
   public:
    explicit Entered(Loop& loop);
    ~Entered();
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

   private:
    Loop* before_;
  };

 private:
  void take_posted();
  void run_jobs(std::size_t count, unsigned at_once);
  void begins() { begun_.store(begun_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }

  const std::size_t index_;
  const Clock& clock_;
  Instant now_;
  TimerWheel timers_;
  std::deque<Job> ready_;
  bool running_ = false;
  unsigned at_once_left_ = at_once_limit;
  std::atomic<std::uint64_t> begun_{0};  ///< written on the loop only
  std::atomic<std::size_t> queued_{0};
  const std::unique_ptr<Chance> chance_;
  UuidSequence ids_;

  mutable std::mutex posted_mutex_;
  std::vector<Job> posted_;
  std::vector<Job> taking_;
  std::atomic<bool> nudged_{false};
  ActivitySource activity_source_;
};

}  // namespace troupe::loop
