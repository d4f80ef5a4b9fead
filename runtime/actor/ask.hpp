#pragma once

#include <coroutine>
#include <tuple>
#include <utility>
#include <vector>

#include <troupe/actor/task.hpp>
#include <troupe/contract/context.hpp>
#include <troupe/contract/typed_envelope.hpp>

namespace troupe {

namespace detail {

/// What Ask and TryAsk share: starting, waiting, and leaving early without a trace.
template <Message M>
class AskAwaiter : public Listener {
 public:
  using Reply = ReplyOf<M>;

  explicit AskAwaiter(EnvelopePtr envelope) { ask_.envelope = std::move(envelope); }
  AskAwaiter(AskAwaiter&& other) noexcept : ask_(std::move(other.ask_)) {}
  AskAwaiter(const AskAwaiter&) = delete;
  AskAwaiter& operator=(const AskAwaiter&) = delete;
  virtual ~AskAwaiter() {
    if (ask_.request != 0) context_->forget(ask_);
  }

  bool await_ready() const noexcept { return false; }

  /// Starts the ask for `listener`; true when it is answered at once.
  bool start(Context& context, Listener& listener) {
    context_ = &context;
    ask_.listener = &listener;
    context.ask(ask_);
    return ask_.answered;
  }
  const std::unique_ptr<Failure>& failure() const { return ask_.failure; }
  std::unique_ptr<Failure> take_failure() { return std::move(ask_.failure); }
  Reply take_reply() { return std::move(*static_cast<TypedEnvelope<M>*>(ask_.envelope.get())->reply); }
  Outcome<Reply> take_outcome() {
    if (failure()) return std::move(*take_failure());
    return take_reply();
  }

 protected:
  TaskPromise* waiter_ = nullptr;
  std::coroutine_handle<> waiter_handle_;
  Context* context_ = nullptr;
  PendingAsk ask_;
};

}  // namespace detail

/// An ask that yields the reply, or ends this coroutine with the failure. `co_await ref.ask<M>(fields…)`.
template <Message M>
class [[nodiscard]] Ask final : public detail::AskAwaiter<M> {
 public:
  using Result = ReplyOf<M>;
  using detail::AskAwaiter<M>::AskAwaiter;

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    this->waiter_ = &handle.promise();
    this->waiter_handle_ = handle;
    if (!this->start(handle.promise().context(), *this)) return true;
    if (!this->failure()) return false;
    this->waiter_->fail(this->take_failure());
    return true;
  }
  Result await_resume() { return this->take_reply(); }

  void on_ready() override {
    if (this->failure()) return this->waiter_->fail(this->take_failure());
    this->context_->continue_with(this->waiter_handle_);
  }

  /// For `all`: a failure ends the waiter.
  std::unique_ptr<Failure> take_ending() { return this->take_failure(); }
  Result take_result() { return this->take_reply(); }
};

/// An ask that yields an Outcome: reply, rejected, not executed or unknown. `co_await ref.try_ask<M>(fields…)`.
template <Message M>
class [[nodiscard]] TryAsk final : public detail::AskAwaiter<M> {
 public:
  using Result = Outcome<ReplyOf<M>>;
  using detail::AskAwaiter<M>::AskAwaiter;

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    this->waiter_handle_ = handle;
    return !this->start(handle.promise().context(), *this);
  }
  Result await_resume() { return this->take_outcome(); }

  void on_ready() override { this->context_->continue_with(this->waiter_handle_); }

  std::unique_ptr<Failure> take_ending() { return nullptr; }
  Result take_result() { return this->take_outcome(); }
};

}  // namespace troupe
