#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include <troupe/actor/detail/awaiter.hpp>
#include <troupe/actor/task.hpp>
#include <troupe/contract/context.hpp>
#include <troupe/contract/typed_envelope.hpp>

namespace troupe {

namespace detail {

/// What Ask and TryAsk share: starting, waiting, and leaving early without a trace.
template <Message M>
class AskAwaiter : public Awaiter {
 public:
  using Reply = ReplyOf<M>;

  explicit AskAwaiter(EnvelopePtr envelope) { ask_.envelope = std::move(envelope); }
  AskAwaiter(AskAwaiter&& other) noexcept : ask_(std::move(other.ask_)) {}
  AskAwaiter(const AskAwaiter&) = delete;
  AskAwaiter& operator=(const AskAwaiter&) = delete;
  virtual ~AskAwaiter() {
    if (ask_.request != 0) context_->forget(ask_);
  }

  /// Starts the ask for `listener`; true when it is answered at once.
  bool start(Context& context, Listener& listener) {
    context_ = &context;
    ask_.listener = &listener;
    context.ask(ask_);
    return ask_.answered;
  }
  std::unique_ptr<Failure> take_failure() { return std::move(ask_.failure); }
  Reply take_reply() { return std::move(*static_cast<TypedEnvelope<M>*>(ask_.envelope.get())->reply); }
  Outcome<Reply> take_outcome() {
    if (ask_.failure) return std::move(*take_failure());
    return take_reply();
  }

 private:
  Context* context_ = nullptr;  ///< also of an ask that `all` has started
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
    this->suspend(handle);
    return !this->start(handle.promise().context(), *this) || this->stays_suspended(this->take_failure());
  }
  Result await_resume() { return this->take_reply(); }

  void on_ready() override { this->go_on_or_fail(this->take_failure()); }

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
    this->suspend(handle);
    return !this->start(handle.promise().context(), *this);
  }
  Result await_resume() { return this->take_outcome(); }

  void on_ready() override { this->go_on(); }

  std::unique_ptr<Failure> take_ending() { return nullptr; }
  Result take_result() { return this->take_outcome(); }
};

}  // namespace troupe
