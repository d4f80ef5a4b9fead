#pragma once

#include <coroutine>

#include <troupe/contract/context.hpp>

namespace troupe::gateway::detail {

/// `Context& context = co_await CurrentContext();`: the context that this coroutine runs in.
class [[nodiscard]] CurrentContext final {
 public:
  CurrentContext() = default;
  CurrentContext(const CurrentContext&) = delete;
  CurrentContext& operator=(const CurrentContext&) = delete;

  bool await_ready() const noexcept { return false; }
  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) noexcept {
    context_ = &handle.promise().context();
    return false;
  }
  Context& await_resume() const noexcept { return *context_; }

 private:
  Context* context_ = nullptr;
};

}  // namespace troupe::gateway::detail
