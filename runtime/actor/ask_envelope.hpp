#pragma once

#include <coroutine>
#include <utility>

#include <troupe/actor/detail/awaiter.hpp>
#include <troupe/contract/context.hpp>
#include <troupe/contract/envelope.hpp>

namespace troupe {

/// Asks with an envelope of whatever type; yields it with its reply, or ends the waiting coroutine with the failure.
class AskEnvelope final : public detail::Awaiter {
 public:
  explicit AskEnvelope(EnvelopePtr envelope) { ask_.envelope = std::move(envelope); }
  ~AskEnvelope() {
    if (ask_.request != 0) context().forget(ask_);
  }

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle);
    ask_.listener = this;
    context().ask(ask_);
    return !ask_.answered || stays_suspended(std::move(ask_.failure));
  }
  EnvelopePtr await_resume() { return std::move(ask_.envelope); }

  void on_ready() override { go_on_or_fail(std::move(ask_.failure)); }

 private:
  PendingAsk ask_;
};

}  // namespace troupe
