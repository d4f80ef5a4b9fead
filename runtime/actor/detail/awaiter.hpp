#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include <troupe/actor/task.hpp>
#include <troupe/contract/context.hpp>
#include <troupe/contract/failure.hpp>

namespace troupe::detail {

/// What every awaiter has that waits to be told: the suspended coroutine, and the ways to go on with it.
class Awaiter : public Listener {
 public:
  Awaiter(const Awaiter&) = delete;
  Awaiter& operator=(const Awaiter&) = delete;

  bool await_ready() const noexcept { return false; }

 protected:
  Awaiter() = default;
  ~Awaiter() = default;

  template <class P>
  void suspend(std::coroutine_handle<P> handle) {
    promise_ = &handle.promise();
    handle_ = handle;
  }
  Context& context() const { return promise_->context(); }

  void go_on() { context().continue_with(handle_); }
  /// Ends the coroutine with the failure, or goes on where there is none.
  void go_on_or_fail(std::unique_ptr<Failure> failure) {
    if (!failure) return go_on();
    promise_->fail(std::move(failure));
  }
  /// As the result of await_suspend(), when all is there: false goes on at once; with a failure the coroutine ends.
  bool stays_suspended(std::unique_ptr<Failure> failure) {
    if (!failure) return false;
    promise_->fail(std::move(failure));
    return true;
  }

 private:
  TaskPromise* promise_ = nullptr;
  std::coroutine_handle<> handle_;
};

}  // namespace troupe::detail
