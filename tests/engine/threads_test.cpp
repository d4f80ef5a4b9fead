// The engine on threads of its own. Nothing here depends on time: what is waited for comes, or the test hangs and CTest
// ends it.
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <troupe/engine/engine.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::engine::cells {
namespace {

using namespace std::chrono_literals;

struct Add {
  using Reply = std::int64_t;
  std::int64_t amount = 0;
  std::string note;
};
struct Pass {
  using Reply = std::int64_t;
  std::uint32_t hops = 0;
};
struct Work {
  using Reply = std::int64_t;
};
using Api = Protocol<"cell", Add, Pass, Work>;

struct State {
  std::int64_t sum = 0;
};

Key cell(std::uint64_t number) { return Key(Uuid{1, number}); }

class Cell : public Entity<Api, State> {
 public:
  Task<std::int64_t> on(Add m) {
    edit().sum += m.amount + static_cast<std::int64_t>(m.note.size());
    co_return state().sum;
  }
  /// On to the next cell, which is mostly on another loop.
  Task<std::int64_t> on(Pass m) {
    if (m.hops == 0) co_return 0;
    const std::int64_t beyond = co_await actor<Api>(cell(key().id().low + 1)).ask<Pass>(m.hops - 1);
    co_return beyond + 1;
  }
  Task<std::int64_t> on(Work) {
    const std::int64_t worked = co_await blocking([](std::int64_t sum) { return sum + 1; }, state().sum);
    edit().sum = worked;
    co_return worked;
  }
};

/// Counts its copies that are alive: a coroutine's frame that holds one is seen to go.
struct Tracked {
  explicit Tracked(std::atomic<int>& alive) : alive(&alive) { ++alive; }
  Tracked(const Tracked& other) : alive(other.alive) { ++*alive; }
  Tracked& operator=(const Tracked&) = delete;
  ~Tracked() { --*alive; }
  std::atomic<int>* alive;
};

class Threads : public ::testing::TestWithParam<std::size_t> {
 protected:
  Threads() : loops(GetParam()) {
    engine = std::make_unique<Engine>(loops, reports);
    engine->host(entity_type<Cell>(), nullptr);
    engine->start();
  }

  template <class T, class F>
  void run(std::size_t loop, Task<T> task, F on_end) {
    loop::Loop& at = loops.loop(loop);
    at.call([this, &at, task = std::move(task), on_end = std::move(on_end)]() mutable {
      RootOptions options{Shared<Origin>(new Origin(Principal::of_node("test"), {})), at.now() + 1h};
      engine->run(at, std::move(options), std::move(task), std::move(on_end));
    });
  }

  loop::ThreadedLoops loops;
  NoReports reports;
  std::unique_ptr<Engine> engine;
};

Task<std::int64_t> add_to_all(std::uint64_t cells, int rounds) {
  std::int64_t last = 0;
  for (int round = 0; round < rounds; ++round) {
    for (std::uint64_t i = 0; i < cells; ++i) {
      last = co_await actor<Api>(cell(i)).ask<Add>(std::int64_t{1}, std::string());
    }
  }
  co_return last;
}

Task<std::int64_t> sum_of(std::uint64_t cells) {
  std::int64_t sum = 0;
  for (std::uint64_t i = 0; i < cells; ++i)
    sum += co_await actor<Api>(cell(i)).ask<Add>(std::int64_t{0}, std::string());
  co_return sum;
}

TEST_P(Threads, AnswerEachAskOfEveryLoopOnce) {
  constexpr std::uint64_t cells = 40;
  constexpr int rounds = 25;
  const std::size_t callers = 4 * loops.size();
  std::vector<std::promise<bool>> ended(callers);
  for (std::size_t i = 0; i < callers; ++i) {
    run(i % loops.size(), add_to_all(cells, rounds),
        [&ended, i](Outcome<std::int64_t> outcome) { ended[i].set_value(outcome.ok()); });
  }
  for (auto& each : ended) EXPECT_TRUE(each.get_future().get());
  std::promise<std::int64_t> total;
  run(0, sum_of(cells), [&total](Outcome<std::int64_t> outcome) { total.set_value(outcome.ok() ? *outcome : -1); });
  EXPECT_EQ(total.get_future().get(), static_cast<std::int64_t>(callers * cells * rounds));
}

Task<std::int64_t> pass(std::uint64_t first, std::uint32_t hops) {
  co_return co_await actor<Api>(cell(first)).ask<Pass>(hops);
}

TEST_P(Threads, PassACallOnFromLoopToLoopAndBack) {
  constexpr std::uint32_t hops = 30;
  std::vector<std::promise<std::int64_t>> ended(50);
  for (std::size_t i = 0; i < ended.size(); ++i) {
    run(i % loops.size(), pass(1000 * i, hops),
        [&ended, i](Outcome<std::int64_t> outcome) { ended[i].set_value(outcome.ok() ? *outcome : -1); });
  }
  for (auto& each : ended) EXPECT_EQ(each.get_future().get(), hops);
}

Task<std::int64_t> work(std::uint64_t at) { co_return co_await actor<Api>(cell(at)).ask<Work>(); }

TEST_P(Threads, BringBlockingWorkBackToItsLoop) {
  std::vector<std::promise<bool>> ended(60);
  for (std::size_t i = 0; i < ended.size(); ++i) {
    run(i % loops.size(), work(i % 20),
        [&ended, i](Outcome<std::int64_t> outcome) { ended[i].set_value(outcome.ok()); });
  }
  for (auto& each : ended) EXPECT_TRUE(each.get_future().get());
}

Task<std::int64_t> ask_for_ever(std::uint64_t first, Tracked, std::atomic<int>* asked) {
  for (std::uint64_t i = first;; ++i) {
    // Longer than any small string: what is under way at the end must be given back as well.
    co_await actor<Api>(cell(i % 50)).ask<Add>(std::int64_t{1}, std::string(100, 'x'));
    asked->fetch_add(1, std::memory_order_relaxed);
  }
}

TEST_P(Threads, StopUnderLoadAndLeaveNothing) {
  std::atomic<int> alive{0};
  std::atomic<int> asked{0};
  std::atomic<int> ended{0};
  for (std::uint64_t i = 0; i < 40; ++i) {
    run(i % loops.size(), ask_for_ever(i, Tracked(alive), &asked), [&ended](const Outcome<std::int64_t>&) { ++ended; });
  }
  while (asked.load() < 2000) std::this_thread::yield();
  EXPECT_FALSE(engine->stop(0ms)) << "they never end by themselves";
  EXPECT_EQ(ended.load(), 0);
  engine.reset();
  EXPECT_EQ(alive.load(), 0) << "each frame is destroyed, also of those whose answer was on its way";
}

Task<std::int64_t> work_for_ever_with(std::shared_ptr<void>, std::atomic<int>* alive, std::atomic<int>* asked) {
  co_return co_await ask_for_ever(0, Tracked(*alive), asked);
}

TEST_P(Threads, KeepWhatHearsOfTheEndUntilTheFrameIsGone) {
  std::vector<std::string> gone;
  const auto telling = [&gone](std::string what) {
    return std::shared_ptr<void>(nullptr, [&gone, what](void*) { gone.push_back(what); });
  };
  std::atomic<int> alive{0};
  std::atomic<int> asked{0};
  run(0, work_for_ever_with(telling("frame"), &alive, &asked),
      [held = telling("callback")](const Outcome<std::int64_t>&) {});
  while (asked.load() < 10) std::this_thread::yield();
  EXPECT_FALSE(engine->stop(0ms)) << "it never ends by itself";
  engine.reset();
  EXPECT_EQ(gone, (std::vector<std::string>{"frame", "callback"}));
}

TEST_P(Threads, StopInOrderOnceAllHasEnded) {
  std::promise<bool> ended;
  run(0, add_to_all(10, 1), [&ended](const Outcome<std::int64_t>& outcome) { ended.set_value(outcome.ok()); });
  EXPECT_TRUE(ended.get_future().get());
  EXPECT_TRUE(engine->stop(1h));
  EXPECT_TRUE(engine->stop(1h)) << "again";
}

INSTANTIATE_TEST_SUITE_P(Loops, Threads, ::testing::Values(1, 2, 4));

TEST(ThreadedJobs, RunOrAreDroppedExactlyOnceThoughTheLoopsStopMeanwhile) {
  loop::ThreadedLoops loops(2);
  loops.start();
  std::atomic<int> ran{0};
  std::atomic<int> dropped{0};
  std::atomic<int> posted{0};
  std::atomic<bool> enough{false};
  struct Counts {
    std::atomic<int>& ran;
    std::atomic<int>& dropped;
  } counts{ran, dropped};
  const loop::Job job{[](void* object, std::uint64_t) { ++static_cast<Counts*>(object)->ran; }, &counts, 0,
                      [](void* object) { ++static_cast<Counts*>(object)->dropped; }};
  std::vector<std::thread> posters;
  for (std::size_t i = 0; i < 2; ++i) {
    posters.emplace_back([&, i] {
      for (int n = 0; !enough || n < 100; ++n) {
        loops.loop((i + static_cast<std::size_t>(n)) % 2).post(job);
        ++posted;
        if (n % 64 == 0) std::this_thread::yield();
      }
    });
  }
  while (ran.load() < 1000) std::this_thread::yield();
  loops.stop();
  enough = true;
  for (auto& poster : posters) poster.join();
  loops.drop_jobs();
  EXPECT_EQ(ran.load() + dropped.load(), posted.load());
}

}  // namespace
}  // namespace troupe::engine::cells
