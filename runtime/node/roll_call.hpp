#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/engine/engine.hpp"

namespace troupe::node {

/// What each loop answered; empty where one did not in time.
template <class T>
using RollAnswers = std::vector<std::optional<T>>;

/// One question to all loops of an engine; it keeps itself until all have answered, or the patience is over.
template <class T>
class RollCall final : public engine::Timer {
 public:
  using Then = std::function<void(RollAnswers<T>)>;

  /// Asks each loop on its own thread, and calls `then` on the first one. Threads: the first loop's.
  template <class Ask>
  static void begin(engine::Engine& engine, std::chrono::milliseconds patience, const Ask& ask, Then then) {
    engine::Loop& home = engine.loop(0);
    const std::shared_ptr<RollCall> roll(new RollCall(home, engine.loop_count(), std::move(then)));
    roll->self_ = roll;
    home.start_timer(*roll, home.now() + patience);
    for (std::size_t i = 0; i < engine.loop_count(); ++i) {
      engine::Loop& loop = engine.loop(i);
      loop.call([roll, i, &loop, ask] {
        roll->home_.call([roll, i, answer = ask(loop)]() mutable { roll->heard(i, std::move(answer)); });
      });
    }
  }

 private:
  RollCall(engine::Loop& home, std::size_t count, Then then)
      : Timer(&RollCall::over), home_(home), then_(std::move(then)), answers_(count), missing_(count) {}

  void heard(std::size_t index, T answer) {
    if (!self_) return;
    answers_[index] = std::move(answer);
    if (--missing_ == 0) finish();
  }
  void finish() {
    home_.cancel_timer(*this);
    const auto keep = std::exchange(self_, nullptr);
    then_(std::move(answers_));
  }
  static void over(engine::Timer& timer) { static_cast<RollCall&>(timer).finish(); }

  engine::Loop& home_;
  Then then_;
  RollAnswers<T> answers_;
  std::size_t missing_;
  std::shared_ptr<RollCall> self_;  ///< while the timer may fire
};

}  // namespace troupe::node
