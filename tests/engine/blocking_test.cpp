// Blocking work beyond what its threads can do: what can't be done in time is refused, and not done for nobody.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include <troupe/engine/engine.hpp>
#include <troupe/loop/clock.hpp>
#include "tests/engine/no_reports.hpp"

namespace troupe::engine {
namespace {

using namespace std::chrono_literals;

void wait_until(Instant time) {
  while (loop::system_clock().monotonic() < time) std::this_thread::yield();
}

/// Work that goes on until it is let go.
struct Gate {
  std::atomic<std::size_t> entered{0};
  std::promise<void> opened;
  std::shared_future<void> open{opened.get_future()};
};

int pass(Gate* gate) {
  ++gate->entered;
  gate->open.wait();
  return 1;
}

int count(std::atomic<int>* calls) { return ++*calls; }

Task<int> passing(Gate* gate) { co_return co_await blocking(&pass, gate); }
Task<int> counting(std::atomic<int>* calls) { co_return co_await blocking(&count, calls); }

class BlockingWork : public ::testing::Test {
 protected:
  BlockingWork() : loops(1) {
    engine = std::make_unique<Engine>(loops, reports);
    engine->start();
  }

  std::future<Outcome<int>> run(Task<int> task, Instant deadline) {
    auto ended = std::make_shared<std::promise<Outcome<int>>>();
    auto outcome = ended->get_future();
    loops.loop(0).call([this, task = std::move(task), deadline, ended]() mutable {
      RootOptions options{Shared<Origin>(new Origin(Principal::of_node("test"), {})), deadline};
      engine->run(loops.loop(0), std::move(options), std::move(task),
                  [ended](Outcome<int> result) { ended->set_value(std::move(result)); });
    });
    return outcome;
  }

  /// Keeps every thread that blocking work has inside of the gate.
  std::vector<std::future<Outcome<int>>> keep_threads(Gate& gate) {
    std::vector<std::future<Outcome<int>>> inside;
    while (inside.size() < loops.blocking_threads()) inside.push_back(run(passing(&gate), far_off()));
    while (gate.entered < inside.size()) std::this_thread::yield();
    return inside;
  }

  static Instant far_off() { return loop::system_clock().monotonic() + 1h; }

  loop::ThreadedLoops loops;
  NoReports reports;
  std::unique_ptr<Engine> engine;
};

void expect_overloaded(const Outcome<int>& outcome) {
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.failure().code, failure_code::overloaded);
  EXPECT_EQ(outcome.failure().kind, Failure::Kind::not_executed);
}

TEST_F(BlockingWork, IsNotBegunWhenItsDeadlineHasPassed) {
  Gate gate;
  auto inside = keep_threads(gate);
  std::atomic<int> calls{0};
  const Instant deadline = loop::system_clock().monotonic() + 1ms;
  auto late = run(counting(&calls), deadline);
  wait_until(deadline);
  gate.opened.set_value();
  expect_overloaded(late.get());
  EXPECT_EQ(calls, 0);
  for (auto& each : inside) EXPECT_TRUE(each.get().ok()) << "what had begun is finished";
}

TEST_F(BlockingWork, IsRefusedAtOnceWhenItWouldBeDoneTooLate) {
  constexpr auto usual = 20ms;
  {
    Gate gate;
    auto inside = keep_threads(gate);
    wait_until(loop::system_clock().monotonic() + usual);
    gate.opened.set_value();
    for (auto& each : inside) EXPECT_TRUE(each.get().ok());
  }
  Gate gate;
  auto inside = keep_threads(gate);
  std::atomic<int> calls{0};
  auto patient = run(counting(&calls), far_off());
  auto hurried = run(counting(&calls), loop::system_clock().monotonic() + usual / 2);
  expect_overloaded(hurried.get());
  EXPECT_EQ(calls, 0) << "no thread was free yet";
  gate.opened.set_value();
  EXPECT_TRUE(patient.get().ok());
  EXPECT_EQ(calls, 1);
  for (auto& each : inside) EXPECT_TRUE(each.get().ok());
}

}  // namespace
}  // namespace troupe::engine
