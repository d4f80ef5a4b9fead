#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string_view>
#include <thread>

#include <troupe/loop/loop_driver.hpp>
#include <troupe/loop/stuck_loops.hpp>

namespace troupe::loop {

/// A loop that has begun nothing new for a while.
struct StuckLoop {
  std::size_t loop;
  Duration held;                  ///< at least for so long
  const ThreadProbe::Answer* at;  ///< where its thread is; null: it did not answer, as when it waits in the kernel
};

/// Told by a watchdog, on its thread.
class WatchdogListener {
 public:
  /// When the limit is reached, and each time that has doubled.
  virtual void stuck(const StuckLoop& stuck) = 0;
  virtual void went_on(std::size_t loop, Duration held) = 0;
  /// The last words: the process ends when it returns, and a few seconds later where it does not.
  virtual void ending(const StuckLoop& stuck) = 0;

 protected:
  ~WatchdogListener() = default;
};

/// Watches over loops from a thread of its own: tells of those that one handler holds, and ends the process, by _exit
/// and without any destructor, where that one does not come back. C++ has no way to interrupt it.
///
/// Lifetime: the loops' and the listener's are longer. Loops whose threads don't run are left alone.
class Watchdog {
 public:
  Watchdog(ThreadedLoops& loops, WatchdogLimits limits, int exit_code, WatchdogListener& listener);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  void run();
  void look();
  [[noreturn]] void end_process(const StuckLoop& stuck);

  ThreadedLoops& loops_;
  StuckLoops stuck_;
  const int exit_code_;
  WatchdogListener& listener_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;  // last: starts when all else is there
};

/// From the text of /proc/self/status.
Debugger debugger_in(std::string_view status);

}  // namespace troupe::loop
