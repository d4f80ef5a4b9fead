#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <troupe/engine/engine.hpp>

namespace troupe::node {

/// What each loop answered; empty where one did not in time.
template <class T>
using RollAnswers = std::vector<std::optional<T>>;

/// One question to all loops of an engine. It lives in the jobs of the loops that have not answered yet: as long as
/// it waits for one, and no longer than the engine runs.
template <class T>
class RollCall final : public engine::Timer {
 public:
  using Then = std::function<void(RollAnswers<T>)>;

  /// Asks each loop on its own thread, and calls `then` on the first one, unless the engine stops before.
  /// Threads: the first loop's.
  template <class Ask>
  static void begin(engine::Engine& engine, std::chrono::milliseconds patience, const Ask& ask, Then then) {
    engine::Loop& home = engine.loop(0);
    const std::shared_ptr<RollCall> roll(new RollCall(home, engine.loop_count(), std::move(then)));
    home.start_timer(*roll, home.now() + patience);
    for (std::size_t i = 0; i < engine.loop_count(); ++i) {
      engine::Loop& loop = engine.loop(i);
      loop.call([roll, i, &loop, ask] {
        roll->home_.call([roll, i, answer = ask(loop)]() mutable { roll->heard(i, std::move(answer)); });
      });
    }
  }

  ~RollCall() {
    // Its jobs were dropped unrun, with no thread running the loops.
    if (armed()) home_.cancel_timer(*this);
  }
  RollCall(const RollCall&) = delete;
  RollCall& operator=(const RollCall&) = delete;

 private:
  RollCall(engine::Loop& home, std::size_t count, Then then)
      : Timer(&RollCall::over), home_(home), then_(std::move(then)), answers_(count), missing_(count) {}

  void heard(std::size_t index, T answer) {
    if (!then_) return;
    answers_[index] = std::move(answer);
    if (--missing_ == 0) finish();
  }
  void finish() {
    home_.cancel_timer(*this);
    std::exchange(then_, nullptr)(std::move(answers_));
  }
  static void over(engine::Timer& timer) { static_cast<RollCall&>(timer).finish(); }

  engine::Loop& home_;
  Then then_;  ///< null: it was called
  RollAnswers<T> answers_;
  std::size_t missing_;
};

}  // namespace troupe::node
