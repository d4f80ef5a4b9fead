#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include <troupe/contract/context.hpp>
#include <troupe/contract/failure.hpp>

namespace troupe {

/// The part of every task's promise that does not depend on its result.
class TaskPromise {
 public:
  TaskPromise() = default;
  TaskPromise(const TaskPromise&) = delete;
  TaskPromise& operator=(const TaskPromise&) = delete;

  Context& context() const { return *context_; }
  std::unique_ptr<Failure>& failure() { return failure_; }
  std::exception_ptr exception() const { return exception_; }

  /// Makes this a root: nobody waits for it but the engine.
  void start_in(Context& context) { context_ = &context; }

  std::suspend_always initial_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { exception_ = std::current_exception(); }

  struct FinalAwaiter {
    bool await_ready() noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> handle) noexcept {
      handle.promise().leave();
    }
    void await_resume() noexcept {}
  };
  FinalAwaiter final_suspend() noexcept { return {}; }

  /// Ends this coroutine, suspended in an await, with a failure. Its frame is destroyed by who owns it.
  void fail(std::unique_ptr<Failure> failure) noexcept {
    failure_ = std::move(failure);
    leave();
  }

  static void* operator new(std::size_t size) { return detail::pool_allocate(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { detail::pool_release(frame, size); }

 protected:
  ~TaskPromise() = default;

 private:
  template <class T>
  friend class Task;

  enum class OnFailure : std::uint8_t { end_waiter, resume_waiter };

  /// Goes on with whoever waits; a failure or exception ends waiter after waiter until one takes it as a value.
  void leave() noexcept {
    TaskPromise* ended = this;
    while (ended->waiter_) {
      const bool passes_on = ended->exception_ || (ended->failure_ && ended->on_failure_ == OnFailure::end_waiter);
      if (!passes_on) return ended->context_->continue_with(ended->waiter_handle_);
      ended->waiter_->exception_ = std::move(ended->exception_);
      ended->waiter_->failure_ = std::move(ended->failure_);
      ended = ended->waiter_;
    }
    ended->context_->finish();
  }

  Context* context_ = nullptr;
  TaskPromise* waiter_ = nullptr;
  std::coroutine_handle<> waiter_handle_;
  OnFailure on_failure_ = OnFailure::end_waiter;
  std::unique_ptr<Failure> failure_;
  std::exception_ptr exception_;
};

/// A coroutine of an actor. A handler is `Task<Reply> on(Message)`; helpers are tasks too.
///
/// `co_return value`, `co_return Rejected{…}` and `co_return Failure{…}` end it. `co_await task` yields the value, or
/// ends the awaiting coroutine with the same failure (as `?` does in Rust): nothing is thrown, locals are destroyed.
/// `co_await std::move(task).outcome()` yields an Outcome. An exception is a bug and crashes the whole turn.
/// A task starts when it is awaited. Lifetime: parameters by value; a task must not outlive its context.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type final : TaskPromise {
    std::optional<T> value;

    Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    void return_value(T result) { value.emplace(std::move(result)); }
    void return_value(Failure failure) { this->failure() = std::make_unique<Failure>(std::move(failure)); }
    void return_value(Rejected rejected) { return_value(Failure(std::move(rejected))); }
    void return_value(Outcome<T> outcome) {
      if (outcome.ok()) {
        return_value(*std::move(outcome));
      } else {
        return_value(std::move(outcome).failure());
      }
    }
  };
  using Handle = std::coroutine_handle<promise_type>;

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  class Value {
   public:
    explicit Value(Handle handle) : handle_(handle) {}
    bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> waiter) noexcept {
      begin(handle_, waiter, TaskPromise::OnFailure::end_waiter);
    }
    T await_resume() { return std::move(*handle_.promise().value); }

   private:
    Handle handle_;
  };
  Value operator co_await() && { return Value(handle_); }

  class Attempt {
   public:
    explicit Attempt(Task task) : task_(std::move(task)) {}
    bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> waiter) noexcept {
      begin(task_.handle_, waiter, TaskPromise::OnFailure::resume_waiter);
    }
    Outcome<T> await_resume() { return task_.take_outcome(); }

   private:
    Task task_;
  };
  Attempt outcome() && { return Attempt(std::move(*this)); }

  // For the engine, which runs root tasks.
  Handle handle() const { return handle_; }
  Handle release() { return std::exchange(handle_, {}); }
  explicit operator bool() const { return static_cast<bool>(handle_); }
  Outcome<T> take_outcome() {
    auto& promise = handle_.promise();
    if (promise.failure()) return std::move(*promise.failure());
    return std::move(*promise.value);
  }

 private:
  explicit Task(Handle handle) : handle_(handle) {}

  template <class P>
  static void begin(Handle child, std::coroutine_handle<P> waiter, TaskPromise::OnFailure on_failure) noexcept {
    TaskPromise& promise = child.promise();
    promise.context_ = &waiter.promise().context();
    promise.waiter_ = &waiter.promise();
    promise.waiter_handle_ = waiter;
    promise.on_failure_ = on_failure;
    promise.context_->continue_with(child);
  }

  Handle handle_;
};

}  // namespace troupe
