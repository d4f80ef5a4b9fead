#include <troupe/loop/thread_probe.hpp>

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <system_error>

namespace troupe::loop {

namespace {

constexpr int probe_signal = SIGURG;

thread_local ThreadProbe* probe_of_thread = nullptr;

void take_signal(void (*handler)(int)) {
  StackTrace::prepare();
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  if (::sigaction(probe_signal, &action, nullptr) != 0) {
    throw std::system_error(errno, std::generic_category(), "the signal SIGURG cannot be taken");
  }
}

/// In the clock that ThreadProbe::wait_for_answer() waits by.
timespec after(Duration limit) {
  const auto at = std::chrono::steady_clock::now().time_since_epoch() + limit;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  return {static_cast<std::time_t>(seconds.count()), static_cast<long>((at - seconds) / std::chrono::nanoseconds(1))};
}

}  // namespace

ThreadProbe::ThreadProbe() {
  ::sem_init(&answered_, 0, 0);
  take_signal(&ThreadProbe::handle);
}

ThreadProbe::~ThreadProbe() { ::sem_destroy(&answered_); }

ThreadProbe::Attachment::Attachment(ThreadProbe& probe, ActivitySource source) : probe_(probe) {
  probe.source_ = source;
  probe_of_thread = &probe;
  probe.thread_.store(::gettid(), std::memory_order_release);
}

ThreadProbe::Attachment::~Attachment() {
  probe_.thread_.store(0, std::memory_order_release);
  probe_of_thread = nullptr;
}

const ThreadProbe::Answer* ThreadProbe::ask(Duration limit) {
  const pid_t thread = thread_.load(std::memory_order_acquire);
  if (thread == 0) return nullptr;
  // An answer that came too late is of another moment. One that is being written is waited for below.
  State before = State::answered;
  state_.compare_exchange_strong(before, State::idle);
  before = State::idle;
  if (state_.compare_exchange_strong(before, State::asked) && ::tgkill(::getpid(), thread, probe_signal) != 0) {
    state_.store(State::idle);
    return nullptr;
  }
  return wait_for_answer(limit) ? &answer_ : nullptr;
}

bool ThreadProbe::wait_for_answer(Duration limit) {
  const timespec end = after(limit);
  while (state_.load(std::memory_order_acquire) != State::answered) {
    if (::sem_clockwait(&answered_, CLOCK_MONOTONIC, &end) == 0 || errno == EINTR) continue;
    // Taken back, so that a thread that hears of it later has nothing to do.
    State asked = State::asked;
    state_.compare_exchange_strong(asked, State::idle);
    return state_.load(std::memory_order_acquire) == State::answered;
  }
  return true;
}

void ThreadProbe::handle(int) {
  const int error = errno;
  if (probe_of_thread) probe_of_thread->answer();
  errno = error;
}

void ThreadProbe::answer() {
  State asked = State::asked;
  if (!state_.compare_exchange_strong(asked, State::answering)) return;
  answer_.stack.capture();
  answer_.activity.protocol = answer_.activity.message = {};
  if (source_.describe) source_.describe(source_.object, answer_.activity);
  state_.store(State::answered, std::memory_order_release);
  ::sem_post(&answered_);
}

}  // namespace troupe::loop
