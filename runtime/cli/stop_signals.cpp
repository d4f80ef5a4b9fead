#include <troupe/cli/stop_signals.hpp>

#include <unistd.h>

namespace troupe::cli {

namespace {

/// What a shell, and whatever runs containers, tells of a process that a signal has ended.
constexpr int ended_by_signal = 128;

bool is_process_1() { return getpid() == 1; }

void end_at_once(int number) { _exit(ended_by_signal + number); }

}  // namespace

StopSignals::StopSignals() {
  sigemptyset(&set_);
  sigaddset(&set_, SIGTERM);
  sigaddset(&set_, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  signal(SIGPIPE, SIG_IGN);
  // A node starts no processes: all that may end here are strangers.
  if (is_process_1()) signal(SIGCHLD, SIG_IGN);
}

bool StopSignals::pending() const {
  sigset_t come;
  sigpending(&come);
  return sigismember(&come, SIGTERM) == 1 || sigismember(&come, SIGINT) == 1;
}

void StopSignals::wait() const {
  int signal = 0;
  sigwait(&set_, &signal);
}

void StopSignals::raise() { kill(getpid(), SIGTERM); }

void StopSignals::restore() const {
  if (is_process_1()) {
    signal(SIGTERM, end_at_once);
    signal(SIGINT, end_at_once);
  }
  pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
}

}  // namespace troupe::cli
