#pragma once

#include <coroutine>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>

#include <troupe/contract/envelope.hpp>
#include <troupe/wire/time.hpp>

namespace troupe {

/// Told that what it waits for has come. The engine calls it from the loop's queue, inside the context's run: it may
/// say how to go on (Context::continue_with, or a failing promise), or wait for more.
class Listener {
 public:
  virtual void on_ready() = 0;

 protected:
  ~Listener() = default;
};

/// An ask under way, as the engine sees it. It lives in the asking coroutine's frame.
struct PendingAsk {
  EnvelopePtr envelope;  ///< on its way out the question; when there is a reply, the same object with the reply
  std::unique_ptr<Failure> failure;
  bool answered = false;
  Listener* listener = nullptr;
  std::uint64_t request = 0;  ///< the engine's number for it while it waits; 0: not waiting
};

class Context;

/// Work for a thread that may block, made by `blocking(f)`.
struct BlockingJob {
  virtual void run() noexcept = 0;  ///< on a blocking thread
  virtual ~BlockingJob() = default;

  std::exception_ptr exception;      ///< that run() ended by
  std::unique_ptr<Failure> refused;  ///< set instead of running, when the queue is full or the node stops
  Context* context = nullptr;
  Listener* listener = nullptr;  ///< null when nobody waits any more; touched on the loop only
};

/// What a running coroutine of an actor needs from the engine: one object for each turn, request or sweep.
///
/// Coroutines find it through their promise, so domain code never passes it along. Threads: its loop's only.
class Context {
 public:
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Asks: either it is answered on return, or `listener` hears of it later.
  virtual void ask(PendingAsk& ask) = 0;
  /// Nobody waits for this ask any more: its answer is dropped.
  virtual void forget(PendingAsk& ask) noexcept = 0;
  virtual void run_blocking(std::shared_ptr<BlockingJob> job) = 0;
  /// Tells `listener` after `duration`, at the latest at the deadline. The number serves to cancel.
  virtual std::uint64_t start_pause(Duration duration, Listener& listener) = 0;
  virtual void cancel_pause(std::uint64_t pause) noexcept = 0;
  /// Makes the turn's edits and sends so far durable; only a turn of an entity has any.
  /// Answers true when there was nothing to do; else `listener` hears of the end, which commit_failure() tells.
  virtual bool start_commit(Listener& listener) = 0;
  virtual std::unique_ptr<Failure> take_commit_failure() = 0;

  virtual Instant now() const = 0;
  virtual Time wall_time() const = 0;
  virtual Uuid make_id() = 0;
  virtual void send(EnvelopePtr envelope) = 0;

  /// The coroutine to go on with when the current one suspends: a trampoline, so that no chain of completions grows
  /// the stack, however the compiler was set.
  void continue_with(std::coroutine_handle<> handle) { next_ = handle; }
  /// The root coroutine has ended.
  void finish() { finished_ = true; }

  const Shared<Origin>& origin() const { return origin_; }
  /// What this root asks from now on, it asks on behalf of `principal`, under the same trace. For roots that learn on
  /// the way who asks; a turn keeps the origin of its message.
  void act_for(Principal principal) { origin_ = Shared<Origin>(new Origin(std::move(principal), origin_->trace)); }
  Instant deadline() const { return deadline_; }

 protected:
  Context() = default;
  ~Context() = default;

  /// Runs what continue_with() names until everything waits or the root has ended; tells whether it has ended.
  bool run() {
    while (next_) std::exchange(next_, {}).resume();
    return finished_;
  }

  Shared<Origin> origin_;
  Instant deadline_{};
  bool committed_ = false;
  bool asked_effect_ = false;
  bool ran_blocking_ = false;

 private:
  std::coroutine_handle<> next_;
  bool finished_ = false;
};

}  // namespace troupe
