#include <troupe/loop/watchdog.hpp>

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace troupe::loop {

namespace {

/// How long the last words may take.
constexpr unsigned last_words_limit_seconds = 5;

/// Signals are for other threads.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

Debugger look_for_debugger() {
  std::ifstream status("/proc/self/status");
  return debugger_in(std::string(std::istreambuf_iterator<char>(status), {}));
}

/// From here on the process ends in any case: the last words may want a lock that the stuck loop holds.
void end_soon(int code) {
  static std::atomic<int> exit_code;
  exit_code = code;
  struct sigaction action{};
  action.sa_handler = [](int) { ::_exit(exit_code); };
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGALRM, &action, nullptr);
  ::alarm(last_words_limit_seconds);
}

}  // namespace

Debugger debugger_in(std::string_view status) {
  constexpr std::string_view field = "\nTracerPid:\t";
  const std::size_t at = status.find(field);
  const bool absent = at == std::string_view::npos || status.substr(at + field.size()).starts_with("0\n");
  return absent ? Debugger::absent : Debugger::attached;
}

Watchdog::Watchdog(ThreadedLoops& loops, WatchdogLimits limits, int exit_code, WatchdogListener& listener)
    : loops_(loops), stuck_(limits, loops.size()), exit_code_(exit_code), listener_(listener), thread_([this] {
        pthread_setname_np(pthread_self(), "watchdog");
        block_signals();
        run();
      }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, stuck_.interval(), [this] { return stopping_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void Watchdog::look() {
  std::vector<std::optional<std::uint64_t>> begun(loops_.size());
  for (std::size_t i = 0; i < begun.size(); ++i) {
    if (!loops_.probe(i).attached()) continue;
    begun[i] = loops_.loop(i).begun();
    loops_.loop(i).nudge();
  }
  const Instant now = system_clock().monotonic();
  // Threads that do not answer must not make the next look late.
  const Instant answers_until = now + stuck_.interval() / 2;
  for (const StuckLoops::Finding& finding : stuck_.look(now, begun, &look_for_debugger)) {
    using Kind = StuckLoops::Finding::Kind;
    if (finding.kind == Kind::went_on) {
      listener_.went_on(finding.loop, finding.held);
      continue;
    }
    const auto patience = std::chrono::ceil<Duration>(answers_until - system_clock().monotonic());
    const StuckLoop stuck{finding.loop, finding.held, loops_.probe(finding.loop).ask(std::max(patience, Duration(1)))};
    if (finding.kind == Kind::hopeless) end_process(stuck);
    listener_.stuck(stuck);
  }
}

void Watchdog::end_process(const StuckLoop& stuck) {
  end_soon(exit_code_);
  listener_.ending(stuck);
  ::_exit(exit_code_);
}

}  // namespace troupe::loop
