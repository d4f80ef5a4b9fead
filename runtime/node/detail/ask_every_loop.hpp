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
using LoopAnswers = std::vector<std::optional<T>>;

/// One question to all loops of an engine. The jobs of the loops that have not answered yet own it: it lives as long as
/// one of them has not answered, and no longer than the engine runs.
template <class T>
class AskEveryLoop final : public loop::Timer {
 public:
  using Then = std::function<void(LoopAnswers<T>)>;

  /// Asks each loop on its own thread, and calls `then` on the first one, unless the engine stops before.
  /// Threads: the first loop's.
  template <class Ask>
  static void begin(engine::Engine& engine, std::chrono::milliseconds patience, const Ask& ask, Then then) {
    loop::Loop& home = engine.loop(0);
    const std::shared_ptr<AskEveryLoop> asking(new AskEveryLoop(home, engine.loop_count(), std::move(then)));
    home.start_timer(*asking, home.now() + patience);
    for (std::size_t i = 0; i < engine.loop_count(); ++i) {
      loop::Loop& loop = engine.loop(i);
      loop.call([asking, i, &loop, ask] {
        asking->home_.call([asking, i, answer = ask(loop)]() mutable { asking->heard(i, std::move(answer)); });
      });
    }
  }

  ~AskEveryLoop() {
    // Its jobs were dropped unrun, with no thread running the loops.
    if (armed()) home_.cancel_timer(*this);
  }
  AskEveryLoop(const AskEveryLoop&) = delete;
  AskEveryLoop& operator=(const AskEveryLoop&) = delete;

 private:
  AskEveryLoop(loop::Loop& home, std::size_t count, Then then)
      : Timer(&AskEveryLoop::over), home_(home), then_(std::move(then)), answers_(count), missing_(count) {}

  void heard(std::size_t index, T answer) {
    if (!then_) return;
    answers_[index] = std::move(answer);
    if (--missing_ == 0) finish();
  }
  void finish() {
    home_.cancel_timer(*this);
    std::exchange(then_, nullptr)(std::move(answers_));
  }
  static void over(loop::Timer& timer) { static_cast<AskEveryLoop&>(timer).finish(); }

  loop::Loop& home_;
  Then then_;  ///< null: it was called
  LoopAnswers<T> answers_;
  std::size_t missing_;
};

}  // namespace troupe::node
