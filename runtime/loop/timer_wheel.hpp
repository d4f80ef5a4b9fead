#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include <troupe/wire/time.hpp>

namespace troupe::loop {

/// One deadline in a TimerWheel; a member of whatever waits. Lifetime: cancel before it goes.
struct Timer {
  using Fire = void (*)(Timer&);

  explicit Timer(Fire fire) : fire(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  bool armed() const { return next != nullptr; }

  Fire fire;
  Timer* prev = nullptr;
  Timer* next = nullptr;
  std::uint64_t tick = 0;
};

/// Many timers with cheap start and cancel; a pure algorithm that is handed the time.
///
/// Units: ticks of one millisecond; a timer fires at its tick or later, never earlier.
/// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987).
class TimerWheel {
 public:
  explicit TimerWheel(Instant start);
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  void start(Timer& timer, Instant due);
  void cancel(Timer& timer) noexcept;
  /// Fires all that is due; a timer may start and cancel others, itself included.
  void advance(Instant now);
  /// When to call advance() next: no later than the first deadline. Empty: no timer is armed.
  std::optional<Instant> next() const;

 private:
  static constexpr unsigned bits = 6;
  static constexpr unsigned slots = 1U << bits;
  static constexpr unsigned levels = 6;

  void place(Timer& timer) noexcept;
  void cascade(unsigned level);
  /// The first tick at which a timer fires or is spread over a finer level; only when one is armed.
  std::uint64_t next_tick() const;
  std::uint64_t tick_at(Instant t) const;
  Instant at_tick(std::uint64_t tick) const;

  Instant epoch_;
  std::uint64_t now_ = 0;
  std::uint64_t armed_ = 0;
  struct Slot {
    Timer head{nullptr};
    Slot() { head.prev = head.next = &head; }
    bool empty() const { return head.next == &head; }
  };
  std::array<std::array<Slot, slots>, levels> wheel_;
  /// A bit for each slot that may hold timers; cleared when found empty.
  mutable std::array<std::uint64_t, levels> occupied_{};
};

}  // namespace troupe::loop
