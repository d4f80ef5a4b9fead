#pragma once

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <troupe/actor/detail/awaiter.hpp>
#include <troupe/actor/task.hpp>
#include <troupe/contract/context.hpp>

namespace troupe {

namespace detail {

template <class F, class... Arguments>
struct BlockingCall final : BlockingJob {
  using Result = std::invoke_result_t<F&, Arguments&...>;

  F f;
  std::tuple<Arguments...> arguments;
  std::optional<Result> result;

  explicit BlockingCall(F f, Arguments... arguments) : f(std::move(f)), arguments(std::move(arguments)...) {}
  void run() noexcept override {
    try {
      result.emplace(std::apply(f, arguments));
    } catch (...) {
      exception = std::current_exception();
    }
  }
};

template <class Call>
class BlockingAwaiter final : public Awaiter {
 public:
  using Result = typename Call::Result;

  explicit BlockingAwaiter(std::shared_ptr<Call> job) : job_(std::move(job)) {}
  ~BlockingAwaiter() { job_->listener = nullptr; }

  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle);
    job_->listener = this;
    job_->context = &context();
    context().run_blocking(job_);
  }
  Result await_resume() {
    if (job_->exception) std::rethrow_exception(job_->exception);
    return std::move(*job_->result);
  }

  void on_ready() override { go_on_or_fail(std::move(job_->refused)); }

 private:
  std::shared_ptr<Call> job_;
};

}  // namespace detail

/// Calls `f(arguments…)` on a thread that may block and yields what it returns:
/// `co_await blocking(hash_password, message.password)`.
///
/// The arguments are copied or moved in: the actor must not be touched from there. Errors: ends this coroutine as not
/// executed, `overloaded`, when `f` could not begin in time; an exception of `f` is thrown here.
template <class F, class... Arguments>
[[nodiscard]] auto blocking(F f, Arguments... arguments) {
  static_assert(std::is_trivially_destructible_v<F>,
                "pass what f needs as arguments: g++ 12 destroys a lambda's captures twice in a co_await expression");
  using Call = detail::BlockingCall<F, Arguments...>;
  return detail::BlockingAwaiter<Call>(std::make_shared<Call>(f, std::move(arguments)...));
}

namespace detail {

class PauseAwaiter : public Awaiter {
 public:
  void await_resume() const noexcept {}

  void on_ready() override {
    number_ = 0;
    if (context().now() < context().deadline()) return go_on();
    go_on_or_fail(
        std::make_unique<Failure>(Failure::unknown(failure_code::timeout, "the deadline passed during a pause")));
  }

 protected:
  PauseAwaiter() = default;
  ~PauseAwaiter() {
    if (number_ != 0) context().cancel_pause(number_);
  }
  void wait(Duration duration) { number_ = context().start_pause(duration, *this); }

 private:
  std::uint64_t number_ = 0;
};

}  // namespace detail

/// `co_await pause(1s)`: lets time pass. Ends this coroutine with a timeout when its deadline comes first.
class [[nodiscard]] pause final : public detail::PauseAwaiter {
 public:
  explicit pause(Duration duration) : duration_(duration) {}

  template <class P>
  void await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle);
    wait(duration_);
  }

 private:
  Duration duration_;
};

}  // namespace troupe
