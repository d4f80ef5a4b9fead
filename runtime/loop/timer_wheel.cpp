#include <troupe/loop/timer_wheel.hpp>

#include <algorithm>
#include <bit>

namespace troupe::loop {

namespace {

constexpr auto tick_length = std::chrono::milliseconds(1);

void unlink(Timer& timer) noexcept {
  timer.prev->next = timer.next;
  timer.next->prev = timer.prev;
  timer.prev = timer.next = nullptr;
}

}  // namespace

TimerWheel::TimerWheel(Instant start) : epoch_(start) {}

std::uint64_t TimerWheel::tick_at(Instant t) const {
  if (t <= epoch_) return 0;
  return static_cast<std::uint64_t>((t - epoch_) / tick_length);
}

Instant TimerWheel::at_tick(std::uint64_t tick) const { return epoch_ + tick * tick_length; }

void TimerWheel::start(Timer& timer, Instant due) {
  if (timer.armed()) cancel(timer);
  // Rounded up, and at least one tick ahead: never early, never in the slot being fired.
  timer.tick = std::max(tick_at(due + tick_length - Instant::duration(1)), now_ + 1);
  ++armed_;
  place(timer);
}

void TimerWheel::cancel(Timer& timer) noexcept {
  if (!timer.armed()) return;
  unlink(timer);
  --armed_;
}

void TimerWheel::place(Timer& timer) noexcept {
  const std::uint64_t ahead = timer.tick - now_;  // 0 only while cascading: the slot that fires next
  unsigned level = 0;
  while (level + 1 < levels && ahead >= (std::uint64_t{1} << (bits * (level + 1)))) ++level;
  // Beyond the last level a timer waits in its farthest slot and is placed again when that one comes.
  const std::uint64_t span = std::uint64_t{1} << (bits * levels);
  const std::uint64_t tick = ahead < span ? timer.tick : now_ + span - 1;
  const unsigned slot = (tick >> (bits * level)) & (slots - 1);
  occupied_[level] |= std::uint64_t{1} << slot;
  Timer& head = wheel_[level][slot].head;
  timer.prev = head.prev;
  timer.next = &head;
  head.prev->next = &timer;
  head.prev = &timer;
}

void TimerWheel::cascade(unsigned level) {
  Slot& slot = wheel_[level][(now_ >> (bits * level)) & (slots - 1)];
  Timer* timer = slot.head.next;
  slot.head.prev = slot.head.next = &slot.head;
  while (timer != &slot.head) {
    Timer* following = timer->next;
    place(*timer);
    timer = following;
  }
}

void TimerWheel::advance(Instant now) {
  const std::uint64_t target = tick_at(now);
  while (now_ < target) {
    const std::uint64_t step = armed_ == 0 ? target : next_tick();
    if (step > target) {
      now_ = target;
      return;
    }
    now_ = step;
    for (unsigned level = levels - 1; level > 0; --level) {
      if ((now_ & ((std::uint64_t{1} << (bits * level)) - 1)) == 0) cascade(level);
    }
    Slot& slot = wheel_[0][now_ & (slots - 1)];
    while (!slot.empty()) {
      Timer& due = *slot.head.next;
      cancel(due);
      due.fire(due);
    }
  }
}

std::uint64_t TimerWheel::next_tick() const {
  std::uint64_t first = UINT64_MAX;
  for (unsigned level = 0; level < levels; ++level) {
    const std::uint64_t base = now_ >> (bits * level);
    const int shift = static_cast<int>((base + 1) & (slots - 1));
    while (const std::uint64_t ahead = std::rotr(occupied_[level], shift)) {
      const std::uint64_t steps = static_cast<std::uint64_t>(std::countr_zero(ahead)) + 1;
      const unsigned slot = (base + steps) & (slots - 1);
      if (wheel_[level][slot].empty()) {
        occupied_[level] &= ~(std::uint64_t{1} << slot);
        continue;
      }
      first = std::min(first, (base + steps) << (bits * level));
      break;
    }
  }
  return first;
}

std::optional<Instant> TimerWheel::next() const {
  if (armed_ == 0) return std::nullopt;
  return at_tick(next_tick());
}

}  // namespace troupe::loop
