#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include <troupe/contract/context.hpp>
#include <troupe/engine/loop_state.hpp>

namespace troupe::engine {

class Engine;

/// The part that turns, requests and sweeps share: asking, waiting, and running a coroutine on a loop.
class CallContext : public Context {
 public:
  void ask(PendingAsk& ask) override;
  void forget(PendingAsk& ask) noexcept override;
  void run_blocking(std::shared_ptr<BlockingJob> job) override;
  std::uint64_t start_pause(Duration duration, Listener& listener) override;
  void cancel_pause(std::uint64_t pause) noexcept override;
  bool start_commit(Listener& listener) override;
  std::unique_ptr<Failure> take_commit_failure() override;
  Instant now() const override { return loop_.now(); }
  Time wall_time() const override { return loop_.wall_time(); }
  Uuid make_id() override { return loop_.make_id(); }
  void send(EnvelopePtr envelope) override;

  /// Something that this context waited for has come. May destroy the context.
  void resume(Listener& listener);

  /// As whom it asks.
  std::string_view caller_name() const noexcept;
  /// The message that this handles, while it runs; null: none. Also asked by a signal's handler on its loop's thread.
  virtual const Envelope* handles() const noexcept { return nullptr; }

  Engine& engine() const { return engine_; }
  loop::Loop& loop() const { return loop_; }
  LoopState& loop_state() const { return state_; }

 protected:
  CallContext(Engine& engine, LoopState& state, const Caller& caller)
      : engine_(engine), loop_(state.loop), state_(state), caller_(caller) {
    state_.context_begun();
  }
  // Virtual for the engine, a friend, that ends contexts.
  virtual ~CallContext() {
    state_.context_ended();
    if (state_.running.load(std::memory_order_relaxed) == this)
      state_.running.store(nullptr, std::memory_order_relaxed);
  }

  /// For as long as code of this context runs on the stack, which may be the end of the context.
  class Running {
   public:
    explicit Running(const CallContext& context)
        : state_(context.state_), before_(state_.running.load(std::memory_order_relaxed)) {
      state_.running.store(&context, std::memory_order_relaxed);
    }
    ~Running() { state_.running.store(before_, std::memory_order_relaxed); }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    LoopState& state_;
    const CallContext* before_;
  };

  /// Gives a keyed message the operation by which its receiver knows it again.
  virtual void sign(Envelope& envelope) { envelope.operation = loop_.make_id(); }
  /// Runs the root coroutine from where continue_with() points. May destroy the context.
  void go();
  /// The same for who is Running and has entered().
  void go_on() {
    ++state_.depth;
    const bool done = run();
    --state_.depth;
    if (done) ended();
  }

 private:
  friend class Engine;
  friend class PendingRequests;
  class Blocking;

  /// Whether the envelope of an attempt has come back by the attempt's end.
  enum class Returned : std::uint8_t {
    yes,
    no,  ///< still with whom it was handed to: its message may be read, and nothing else
  };

  /// Before the coroutine runs, each time.
  virtual void entered() {}
  /// The root has ended: the last call; the context deletes itself when it is done with it.
  virtual void ended() = 0;
  /// The link that names this turn to those it asks; null at the edge.
  virtual Shared<ChainLink> chain() { return {}; }
  /// Whether this is a read turn, which asks only reads.
  virtual bool reads_only() const { return false; }

  std::unique_ptr<Failure> refuse(const Envelope& envelope);
  /// Makes one attempt; afterwards the ask is answered, or waits.
  void attempt(PendingAsk& ask, Attempts& attempts);
  /// An attempt has ended. True: and so has the ask. False: it is tried again, and waits until then.
  bool settle(PendingAsk& ask, Attempts& attempts, Returned returned) {
    if (!ask.failure && attempts.permit != resilience::Breaker::Permit::probe) [[likely]]
      return ask.answered = true;
    return settle_slowly(ask, attempts, returned);
  }
  bool settle_slowly(PendingAsk& ask, Attempts& attempts, Returned returned);
  bool may_try_again(const PendingAsk& ask, const Attempts& attempts, Returned returned, Duration wait);
  /// False: there is no other attempt, for the message can't be copied.
  bool back_off(PendingAsk& ask, Attempts& attempts, Returned returned, Duration wait);
  /// The backoff is over. May destroy the context.
  void repeat(PendingAsk& ask, Attempts& attempts);
  /// The attempt's deadline has passed. May destroy the context.
  void timed_out(PendingAsk& ask, Attempts& attempts);

  Engine& engine_;
  loop::Loop& loop_;
  LoopState& state_;  ///< of `loop_`
  const Caller& caller_;
};

}  // namespace troupe::engine
