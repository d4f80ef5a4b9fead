#pragma once

#include <coroutine>
#include <memory>
#include <ranges>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/actor/ask.hpp>

namespace troupe {

namespace detail {

/// Waits until every ask of a group has ended.
class AskGroup : public Awaiter {
 public:
  void on_ready() override {
    if (--waiting_ == 0) go_on_or_fail(take_ending());
  }

 protected:
  ~AskGroup() = default;

  void expect(std::size_t count) { waiting_ = count; }
  template <class A>
  void start(A& ask) {
    if (ask.start(context(), *this)) --waiting_;
  }
  /// After starting all: whether the coroutine stays suspended.
  bool waits() { return waiting_ != 0 || stays_suspended(take_ending()); }

 private:
  virtual std::unique_ptr<Failure> take_ending() = 0;

  std::size_t waiting_ = 0;
};

template <class... Asks>
class AllOf final : public AskGroup {
 public:
  explicit AllOf(Asks&&... asks) : asks_(std::move(asks)...) {}

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle);
    expect(sizeof...(Asks));
    std::apply([this](Asks&... ask) { (start(ask), ...); }, asks_);
    return waits();
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

}  // namespace detail

/// Asks of one kind that are to be awaited together: what `all` makes of a range.
template <class A>
class [[nodiscard]] AllIn final : public detail::AskGroup {
 public:
  explicit AllIn(std::vector<A> asks) : asks_(std::move(asks)) {}

  template <class P>
  bool await_suspend(std::coroutine_handle<P> handle) {
    suspend(handle);
    expect(asks_.size());
    for (auto& ask : asks_) start(ask);
    return waits();
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
[[nodiscard]] AllIn<A> all(std::vector<A> asks) {
  return AllIn<A>(std::move(asks));
}

/// One ask for each element, in parallel: `co_await all(due, [](OrderId order) { return order.try_ask<Settle>(); })`.
template <std::ranges::input_range Range, class F>
  requires(!requires { typename std::remove_cvref_t<Range>::Result; })
[[nodiscard]] auto all(Range&& range, F make_ask) {
  static_assert(std::is_trivially_destructible_v<F>,
                "capture references: g++ 12 destroys a lambda's captures twice in a co_await expression");
  using A = std::invoke_result_t<F&, std::ranges::range_reference_t<Range>>;
  std::vector<A> asks;
  if constexpr (std::ranges::sized_range<Range>) asks.reserve(std::ranges::size(range));
  for (auto&& element : range) asks.push_back(make_ask(element));
  return AllIn<A>(std::move(asks));
}

}  // namespace troupe
