#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "runtime/actor/context.hpp"
#include "runtime/engine/loop.hpp"

namespace troupe::engine {

class Engine;
class CallContext;

/// What the coroutines of one loop wait for: asks by request number, and pauses. Numbers are never reused, so an answer
/// that comes too late finds nothing.
class Waiting {
 public:
  explicit Waiting(Loop& loop) : loop_(loop) {}
  ~Waiting();
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

  std::uint64_t wait_for(PendingAsk& ask, CallContext& context, Instant deadline);
  std::uint64_t wait_until(Instant due, Listener& listener, CallContext& context);
  void forget(std::uint64_t number) noexcept;
  /// The answer to a request, on this loop.
  void answer(std::uint64_t number, EnvelopePtr envelope);

  std::size_t size() const { return slots_.size() - free_.size(); }

 private:
  struct Slot : Timer {
    Waiting* owner = nullptr;
    std::uint32_t index = 0;
    std::uint32_t generation = 1;
    CallContext* context = nullptr;
    PendingAsk* ask = nullptr;
    Listener* listener = nullptr;
    explicit Slot(Fire fire) : Timer(fire) {}
  };

  Slot& take(CallContext& context, Listener& listener, Instant due);
  Slot* find(std::uint64_t number);
  static std::uint64_t number_of(const Slot& slot);
  void release(Slot& slot) noexcept;
  void resume(Slot& slot);
  static void timed_out(Timer& timer);

  Loop& loop_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

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

  Engine& engine() const { return engine_; }
  Loop& loop() const { return loop_; }

 protected:
  CallContext(Engine& engine, Loop& loop) : engine_(engine), loop_(loop) {
    loop_.contexts.store(loop_.contexts.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  virtual ~CallContext() {
    loop_.contexts.store(loop_.contexts.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }

  /// Runs the root coroutine from where continue_with() points. May destroy the context.
  void go();

 private:
  friend class Engine;

  /// Before the coroutine runs, each time.
  virtual void entered() {}
  /// The root has ended: the last call; the context deletes itself when it is done with it.
  virtual void ended() = 0;
  /// The link that names this turn to those it asks; null at the edge.
  virtual Shared<ChainLink> chain() { return {}; }
  /// Whether this is a read turn, which asks only reads.
  virtual bool reads_only() const { return false; }

  std::unique_ptr<Failure> refuse(const PendingAsk& ask);

  Engine& engine_;
  Loop& loop_;
};

}  // namespace troupe::engine
