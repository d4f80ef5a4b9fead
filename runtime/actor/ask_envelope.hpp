#pragma once

#include <coroutine>
#include <memory>
#include <utility>

#include <troupe/actor/task.hpp>
#include <troupe/contract/context.hpp>
#include <troupe/contract/envelope.hpp>

namespace troupe {

/// Asks with an envelope of whatever type; yields it with its reply, or ends the waiting coroutine with the failure.
class AskEnvelope final : public Listener {
 public:
  explicit AskEnvelope(EnvelopePtr envelope) { ask_.envelope = std::move(envelope); }
  AskEnvelope(const AskEnvelope&) = delete;
  AskEnvelope& operator=(const AskEnvelope&) = delete;
  ~AskEnvelope() {
    if (ask_.request != 0) context_->forget(ask_);
  }

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    waiter_ = &handle.promise();
    waiter_handle_ = handle;
    return start();
  }
  EnvelopePtr await_resume() { return std::move(ask_.envelope); }

  void on_ready() override {
    if (ask_.failure) return waiter_->fail(std::move(ask_.failure));
    context_->continue_with(waiter_handle_);
  }

 private:
  /// Whether the coroutine stays suspended.
  bool start() {
    context_ = &waiter_->context();
    ask_.listener = this;
    context_->ask(ask_);
    if (!ask_.answered) return true;
    if (!ask_.failure) return false;
    waiter_->fail(std::move(ask_.failure));
    return true;
  }

  TaskPromise* waiter_ = nullptr;
  std::coroutine_handle<> waiter_handle_;
  Context* context_ = nullptr;
  PendingAsk ask_;
};

}  // namespace troupe
