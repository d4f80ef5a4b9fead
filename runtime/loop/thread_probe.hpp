#pragma once

#include <semaphore.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>

#include <troupe/loop/activity.hpp>
#include <troupe/loop/stack_trace.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::loop {

/// Asks one thread where it is, whatever it is doing: by a signal, which it answers there and then.
///
/// The signal is SIGURG: the system ignores it where nobody handles it, no library uses it, and debuggers let it pass.
/// A call that blocks in the thread is gone on with after it, or ends with EINTR where the system can't (sleep, poll).
/// Source: the Go runtime, which interrupts its threads in the same way.
class ThreadProbe {
 public:
  struct Answer {
    StackTrace stack;
    Activity activity;
  };

  /// Takes the signal for this process.
  ThreadProbe();
  ~ThreadProbe();
  ThreadProbe(const ThreadProbe&) = delete;
  ThreadProbe& operator=(const ThreadProbe&) = delete;

  /// While it lives, its thread can be asked. At most one for a probe and for a thread.
  class Attachment {
   public:
    Attachment(ThreadProbe& probe, ActivitySource source);
    ~Attachment();
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

   private:
    ThreadProbe& probe_;
  };
  bool attached() const { return thread_.load(std::memory_order_acquire) != 0; }

  /// Null: no thread is attached, or it takes no signal within the limit, as one that waits for a disk in the kernel.
  /// Threads: one at a time, and not the one that is asked. Lifetime of the answer: until the next question.
  const Answer* ask(Duration limit);

 private:
  enum class State : std::uint8_t { idle, asked, answering, answered };

  static void handle(int signal);
  void answer();
  bool wait_for_answer(Duration limit);

  std::atomic<pid_t> thread_{0};  ///< 0: none
  std::atomic<State> state_{State::idle};
  sem_t answered_{};  ///< posted after each answer, also one that nobody waits for any more
  ActivitySource source_;
  Answer answer_;
};

}  // namespace troupe::loop
