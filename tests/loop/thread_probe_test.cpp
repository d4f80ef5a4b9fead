// Real threads, which are asked where they are.
#include <troupe/loop/thread_probe.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <thread>

namespace troupe::loop {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;

/// A thread that is attached to a probe and does one thing until it is released.
class HeldThread {
 public:
  enum class Holds : std::uint8_t { computing, waiting };
  enum class Signals : std::uint8_t { taken, blocked };

  explicit HeldThread(Holds how, Signals signals = Signals::taken)
      : thread_([this, how, signals] { run(how, signals); }) {
    begun_.get_future().wait();
  }
  ~HeldThread() { release(); }
  HeldThread(const HeldThread&) = delete;
  HeldThread& operator=(const HeldThread&) = delete;

  void release() {
    if (!thread_.joinable()) return;
    released_ = true;
    may_end_.set_value();
    thread_.join();
  }

  ThreadProbe probe;
  std::atomic<std::uintptr_t> caller = 0;  ///< of hold()
  std::atomic<bool> silent = false;        ///< it does not tell what it is at

 private:
  void run(Holds how, Signals signals) {
    if (signals == Signals::blocked) {
      sigset_t all;
      sigfillset(&all);
      pthread_sigmask(SIG_BLOCK, &all, nullptr);
    }
    const ThreadProbe::Attachment attachment(probe, {&HeldThread::describe, this});
    hold(how);
    after_.store(true);  // no tail call
  }
  [[gnu::noinline]] void hold(Holds how) {
    caller = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0)) - 1;
    begun_.set_value();
    if (how == Holds::waiting) may_end_.get_future().wait();
    while (!released_.load(std::memory_order_relaxed)) {
    }
  }
  static void describe(const void* self, Activity& activity) noexcept {
    if (static_cast<const HeldThread*>(self)->silent) return;
    activity.protocol = "thread";
    activity.message = "Hold";
    activity.set_key(static_cast<const HeldThread*>(self)->key_);
  }

  std::string key_ = "basket-7";
  std::atomic<bool> released_ = false;
  std::atomic<bool> after_ = false;
  std::promise<void> begun_;
  std::promise<void> may_end_;
  std::thread thread_;  // last: starts when all else is there
};

TEST(ThreadProbe, HearsWhereAThreadIsAndWhatItIsAt) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer keeps a signal back until the thread calls the C library";
#endif
  for (const auto how : {HeldThread::Holds::computing, HeldThread::Holds::waiting}) {
    HeldThread held(how);
    for (int i = 0; i < 3; ++i) {
      const auto* answer = held.probe.ask(1min);
      ASSERT_TRUE(answer);
      EXPECT_THAT(answer->stack.addresses(), Contains(held.caller.load()));
      EXPECT_GT(answer->stack.addresses().size(), 3U);
      EXPECT_EQ(answer->activity.protocol, "thread");
      EXPECT_EQ(answer->activity.message, "Hold");
      EXPECT_EQ(answer->activity.key(), "basket-7");
    }
    held.silent = true;
    const auto* answer = held.probe.ask(1min);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->activity.protocol, "") << "what it was at before is forgotten";
    EXPECT_EQ(answer->activity.message, "");
  }
}

TEST(ThreadProbe, DoesNotWaitForAThreadThatTakesNoSignals) {
  HeldThread held(HeldThread::Holds::waiting, HeldThread::Signals::blocked);
  EXPECT_EQ(held.probe.ask(1ms), nullptr);
  EXPECT_EQ(held.probe.ask(1ms), nullptr) << "also when it is asked again";
}

TEST(ThreadProbe, HearsNothingOfAThreadThatHasEnded) {
  HeldThread held(HeldThread::Holds::waiting);
  EXPECT_TRUE(held.probe.attached());
  held.release();
  EXPECT_FALSE(held.probe.attached());
  EXPECT_EQ(held.probe.ask(1min), nullptr);
}

TEST(ThreadProbe, ToleratesTheSignalWhenNobodyAsks) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "ThreadSanitizer keeps a signal back until the thread calls the C library";
#endif
  HeldThread held(HeldThread::Holds::waiting);
  ::kill(::getpid(), SIGURG);
  std::thread([] { ::raise(SIGURG); }).join();
  EXPECT_TRUE(held.probe.ask(1min));
}

TEST(Activity, TellsKeysOfBothKinds) {
  Activity activity;
  const Uuid id{0x0123456789abcdefULL, 0x8123456789abcdefULL};
  activity.set_key(id);
  EXPECT_EQ(activity.key(), to_text(id));
  activity.set_key(std::string(Activity::longest_text + 1, 'k'));
  EXPECT_EQ(activity.key(), std::string(Activity::longest_text, 'k'));
  activity.set_key(id);
  EXPECT_EQ(activity.key(), to_text(id));
}

}  // namespace
}  // namespace troupe::loop
