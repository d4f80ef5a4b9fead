#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/contract/context.hpp>
#include <troupe/engine/edge.hpp>
#include <troupe/loop/loop.hpp>

namespace troupe::engine {

class CallContext;

/// What the coroutines of one loop wait for: asks by request number, and pauses. Numbers are never reused, so an answer
/// that comes too late finds nothing.
class PendingRequests {
 public:
  explicit PendingRequests(loop::Loop& loop) : loop_(loop) {}
  ~PendingRequests();
  PendingRequests(const PendingRequests&) = delete;
  PendingRequests& operator=(const PendingRequests&) = delete;

  /// Until its answer comes, or the instant: the attempt's deadline, or the end of a backoff.
  std::uint64_t wait_for(PendingAsk& ask, CallContext& context, Instant until, Attempts attempts);
  std::uint64_t wait_until(Instant due, Listener& listener, CallContext& context);
  /// Nobody waits for it any more.
  void forget(std::uint64_t number) noexcept;
  /// The envelope of a request that still waits for its answer; null: nobody does.
  EnvelopePtr envelope_of(std::uint64_t number);
  /// The answer to a request, on this loop.
  void answer(std::uint64_t number, EnvelopePtr envelope);

  std::size_t size() const { return slots_.size() - free_.size(); }

  /// An ask that is under way. Lifetime: until the loop goes on.
  struct OpenAsk {
    std::uint64_t request;
    Instant since;
    const CallContext* context;  ///< who waits for it
    const Envelope* asked;       ///< its header may be read, and nothing else
    Host* host;                  ///< of whom it asks
  };
  template <class F>
  void each_open_ask(F visit) const {
    for (const Slot& slot : slots_) {
      if (is_out(slot)) visit(open_ask_of(slot));
    }
  }
  std::optional<OpenAsk> find_open_ask(std::uint64_t number) const;

 private:
  struct Slot : loop::Timer {
    PendingRequests* owner = nullptr;
    std::uint32_t index = 0;
    std::uint32_t generation = 1;
    CallContext* context = nullptr;
    PendingAsk* ask = nullptr;
    Listener* listener = nullptr;
    Attempts attempts;
    Instant since{};
    explicit Slot(Fire fire) : loop::Timer(fire) {}
  };

  Slot& take(CallContext& context, Listener& listener, Instant due);
  const Slot* find(std::uint64_t number) const;
  Slot* find(std::uint64_t number) { return const_cast<Slot*>(std::as_const(*this).find(number)); }
  /// Whether it waits for an answer, not for the time of another attempt.
  static bool is_out(const Slot& slot) {
    return slot.context && slot.ask && !slot.ask->answered && slot.attempts.phase == Attempts::Phase::under_way;
  }
  static OpenAsk open_ask_of(const Slot& slot);
  static std::uint64_t number_of(const Slot& slot);
  void release(Slot& slot) noexcept;
  void resume(Slot& slot);
  static void time_is_up(loop::Timer& timer);

  loop::Loop& loop_;
  std::deque<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace troupe::engine
