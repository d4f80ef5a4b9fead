#pragma once

#include <coroutine>

#include <troupe/contract/context.hpp>

namespace troupe {

/// `const Time now = co_await current_time();`: the wall clock, for coroutines that are no entity's: sweeps and routes.
class [[nodiscard]] current_time final {
 public:
  current_time() = default;
  current_time(const current_time&) = delete;
  current_time& operator=(const current_time&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    time_ = handle.promise().context().wall_time();
    return false;
  }
  Time await_resume() const noexcept { return time_; }

 private:
  Time time_{};
};

}  // namespace troupe
