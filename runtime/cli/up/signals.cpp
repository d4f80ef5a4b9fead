#include <troupe/cli/up/signals.hpp>

#include <sys/signalfd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace troupe::cli {

namespace {

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGCHLD}) sigaddset(&set, number);
  return set;
}

}  // namespace

SignalQueue::SignalQueue() {
  // A parent may have set SIGCHLD to be ignored, and then no child could be waited for.
  ::signal(SIGCHLD, SIG_DFL);
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = awaited();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  descriptor_ = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "cannot take signals");
}

SignalQueue::~SignalQueue() {
  const sigset_t set = awaited();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

std::optional<int> SignalQueue::next() {
  signalfd_siginfo info{};
  if (::read(descriptor_.number(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace troupe::cli
