// A watchdog over real threads, and the end of a real process.
#include <troupe/loop/watchdog.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <string>
#include <vector>

#include "tests/process/eventually.hpp"
#include "tests/process/forked_process.hpp"

namespace troupe::loop {
namespace {

using namespace std::chrono_literals;
using process::eventually;
using process::ForkedProcess;
using ::testing::ElementsAre;

constexpr WatchdogLimits short_limits{400ms, 0s};
constexpr int exit_code = 4;

/// WatchdogNotes what it is told of one loop. Others may seem stuck as well where the machine is busy.
class WatchdogNotes final : public WatchdogListener {
 public:
  explicit WatchdogNotes(std::size_t loop) : loop_(loop) {}

  void stuck(const StuckLoop& stuck) override { add(stuck.loop, "stuck"); }
  void went_on(std::size_t loop, Duration) override { add(loop, "went on"); }
  void ending(const StuckLoop& stuck) override { add(stuck.loop, "ending"); }

  std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

 private:
  void add(std::size_t loop, std::string note) {
    const std::lock_guard lock(mutex_);
    // Told again each time that the time has doubled, and nobody knows how long the test takes.
    if (loop == loop_ && (notes_.empty() || notes_.back() != note)) notes_.push_back(std::move(note));
  }

  const std::size_t loop_;
  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
};

/// Holds a loop until it is told to go on.
class Hold {
 public:
  explicit Hold(Loop& loop) {
    loop.call([released = release_.get_future().share()] { released.wait(); });
  }
  void release() { release_.set_value(); }

 private:
  std::promise<void> release_;
};

TEST(Watchdog, TellsOfALoopThatIsHeldAndWhenItGoesOn) {
  ThreadedLoops loops(3);
  loops.start();
  WatchdogNotes notes(1);
  const Watchdog watchdog(loops, short_limits, exit_code, notes);
  Hold hold(loops.loop(1));
  EXPECT_TRUE(eventually([&] { return notes.all() == std::vector<std::string>{"stuck"}; }));
  hold.release();
  EXPECT_TRUE(eventually([&] { return notes.all().size() == 2; }));
  EXPECT_THAT(notes.all(), ElementsAre("stuck", "went on"));
}

TEST(Watchdog, GivesIdleLoopsSomethingToBegin) {
  ThreadedLoops loops(1);
  loops.start();
  WatchdogNotes notes(0);
  const Watchdog watchdog(loops, {8ms, 0s}, exit_code, notes);
  const auto begun = loops.loop(0).begun();
  EXPECT_TRUE(eventually([&] { return loops.loop(0).begun() > begun + 50; }));
}

/// What a process under a watchdog comes to whose loop never comes back.
int get_stuck(WatchdogListener& listener) {
  ThreadedLoops loops(1);
  loops.start();
  const Watchdog watchdog(loops, {100ms, 300ms}, exit_code, listener);
  loops.loop(0).call([] { std::promise<void>().get_future().wait(); });
  std::promise<void>().get_future().wait();
  return 0;
}

/// The last words, through a pipe.
class LastWords final : public WatchdogListener {
 public:
  enum class Ends : std::uint8_t { yes, never };

  LastWords(int pipe, Ends ends) : pipe_(pipe), ends_(ends) {}
  void stuck(const StuckLoop&) override {}
  void went_on(std::size_t, Duration) override {}
  void ending(const StuckLoop& stuck) override {
    const std::size_t calls = stuck.at ? stuck.at->stack.addresses().size() : 0;
    static_cast<void>(!::write(pipe_, &calls, sizeof calls));
    if (ends_ == Ends::never) std::promise<void>().get_future().wait();
  }

 private:
  int pipe_;
  Ends ends_;
};

TEST(Watchdog, EndsTheProcessAfterItsLastWords) {
  ForkedProcess child([](int pipe) {
    LastWords words(pipe, LastWords::Ends::yes);
    return get_stuck(words);
  });
  const auto calls = child.told<std::size_t>();
  ASSERT_TRUE(calls);
#ifndef __SANITIZE_THREAD__  // which keeps signals back
  EXPECT_GT(*calls, 3U) << "the stack";
#endif
  const auto exit = child.wait();
  EXPECT_EQ(exit.signal, 0);
  EXPECT_EQ(exit.code, exit_code);
}

TEST(Watchdog, EndsTheProcessAlsoWhereItsLastWordsDoNotEnd) {
  ForkedProcess child([](int pipe) {
    LastWords words(pipe, LastWords::Ends::never);
    return get_stuck(words);
  });
  EXPECT_EQ(child.wait().code, exit_code);
}

TEST(DebuggerOfAProcess, IsReadFromItsStatus) {
  EXPECT_EQ(debugger_in("Name:\tshop\nTracerPid:\t0\nUid:\t0\n"), Debugger::absent);
  EXPECT_EQ(debugger_in("Name:\tshop\nTracerPid:\t4711\nUid:\t0\n"), Debugger::attached);
  EXPECT_EQ(debugger_in(""), Debugger::absent) << "where there is no such file";
}

}  // namespace
}  // namespace troupe::loop
