#pragma once

#include <chrono>
#include <coroutine>
#include <optional>
#include <stdexcept>

#include <troupe/actor/blocking.hpp>

namespace troupe {

/// A steady rate, for a worker's run(): the first tick comes after one period, and those that pass while nobody waits
/// are left out.
///
/// ```
/// Every minute(1min);
/// for (;; co_await minute.next()) co_await refresh();
/// ```
class Every {
 public:
  /// Errors: throws std::invalid_argument where the period is not above zero.
  explicit Every(Duration period) : period_(period) {
    if (period <= Duration::zero()) throw std::invalid_argument("a period must be above zero");
  }

  class [[nodiscard]] Tick final : public detail::PauseAwaiter {
   public:
    explicit Tick(Every& every) : every_(every) {}

    template <class P>
    void await_suspend(std::coroutine_handle<P> handle) {
      suspend(handle);
      wait(every_.until_next(context().now()));
    }

   private:
    Every& every_;
  };
  /// Lifetime: of the rate.
  Tick next() { return Tick(*this); }

 private:
  Duration until_next(Instant now) {
    if (!last_) last_ = now;
    *last_ += period_ * ((now - *last_) / period_ + 1);
    return std::chrono::ceil<Duration>(*last_ - now);
  }

  const Duration period_;
  std::optional<Instant> last_;  ///< the tick that was waited for last; unset: none was
};

}  // namespace troupe
