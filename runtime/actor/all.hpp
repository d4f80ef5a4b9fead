#pragma once

#include <coroutine>
#include <tuple>
#include <utility>
#include <vector>

#include <troupe/actor/ask.hpp>

namespace troupe {

namespace detail {

/// Waits until every ask of a group has ended.
class AskGroup : public Listener {
 public:
  AskGroup() = default;
  AskGroup(const AskGroup&) = delete;
  AskGroup& operator=(const AskGroup&) = delete;

  bool await_ready() const noexcept { return false; }

  void on_ready() override {
    if (--waiting_ == 0) go_on();
  }

 protected:
  ~AskGroup() = default;

  template <class P>
  void wait_in(std::coroutine_handle<P> handle) {
    waiter_ = &handle.promise();
    waiter_handle_ = handle;
  }
  void expect(std::size_t count) { waiting_ = count; }
  template <class A>
  void start(A& ask) {
    if (ask.start(waiter_->context(), *this)) --waiting_;
  }
  /// After starting all: true when nothing is left to wait for and nobody failed, so that the coroutine just goes on.
  bool finish_start() {
    if (waiting_ != 0) return false;
    auto ending = take_ending();
    if (!ending) return true;
    waiter_->fail(std::move(ending));
    return false;
  }

 private:
  virtual std::unique_ptr<Failure> take_ending() = 0;

  void go_on() {
    if (auto ending = take_ending()) return waiter_->fail(std::move(ending));
    waiter_->context().continue_with(waiter_handle_);
  }

  TaskPromise* waiter_ = nullptr;
  std::coroutine_handle<> waiter_handle_;
  std::size_t waiting_ = 0;
};

template <class... Asks>
class AllOf final : public AskGroup {
 public:
  explicit AllOf(Asks&&... asks) : asks_(std::move(asks)...) {}

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    wait_in(handle);
    expect(sizeof...(Asks));
    std::apply([this](Asks&... ask) { (start(ask), ...); }, asks_);
    return !finish_start();
  }
  std::tuple<typename Asks::Result...> await_resume() {
    return std::apply([](Asks&... ask) { return std::tuple<typename Asks::Result...>(ask.take_result()...); }, asks_);
  }

 private:
  std::unique_ptr<Failure> take_ending() override {
    std::unique_ptr<Failure> first;
    auto look = [&first](auto& ask) {
      auto ending = ask.take_ending();
      if (!first) first = std::move(ending);
    };
    std::apply([&look](Asks&... ask) { (look(ask), ...); }, asks_);
    return first;
  }

  std::tuple<Asks...> asks_;
};

template <class A>
class AllIn final : public AskGroup {
 public:
  explicit AllIn(std::vector<A> asks) : asks_(std::move(asks)) {}

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    wait_in(handle);
    expect(asks_.size());
    for (auto& ask : asks_) start(ask);
    return !finish_start();
  }
  std::vector<typename A::Result> await_resume() {
    std::vector<typename A::Result> results;
    results.reserve(asks_.size());
    for (auto& ask : asks_) results.push_back(ask.take_result());
    return results;
  }

 private:
  std::unique_ptr<Failure> take_ending() override {
    std::unique_ptr<Failure> first;
    for (auto& ask : asks_) {
      auto ending = ask.take_ending();
      if (!first) first = std::move(ending);
    }
    return first;
  }

  std::vector<A> asks_;
};

}  // namespace detail

/// Asks in parallel: `auto [user, stock] = co_await all(u.ask<Get>(), p.ask<Get>());`.
///
/// Yields when every ask has ended. The first failure (by position) of an `ask` ends this coroutine; a `try_ask` yields
/// its Outcome.
template <class... Asks>
  requires(sizeof...(Asks) > 0 && (requires { typename Asks::Result; } && ...))
[[nodiscard]] detail::AllOf<Asks...> all(Asks... asks) {
  return detail::AllOf<Asks...>(std::move(asks)...);
}

/// The same for a number known at run time; yields a vector in the order of the asks.
template <class A>
[[nodiscard]] detail::AllIn<A> all(std::vector<A> asks) {
  return detail::AllIn<A>(std::move(asks));
}

}  // namespace troupe
