#include "tests/process/forked_process.hpp"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

namespace troupe::process {
namespace {

constexpr int orphaned = 126;

}  // namespace

ForkedProcess::ForkedProcess(const std::function<int(int pipe)>& work) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(orphaned);
    ::close(ends[0]);
    ::_exit(work(ends[1]));
  }
  ::close(ends[1]);
  pipe_ = ends[0];
}

ForkedProcess::~ForkedProcess() {
  kill();
  wait();
  ::close(pipe_);
}

bool ForkedProcess::read(void* target, std::size_t octets) {
  std::size_t have = 0;
  while (have < octets) {
    const auto count = ::read(pipe_, static_cast<std::byte*>(target) + have, octets - have);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    have += static_cast<std::size_t>(count);
  }
  return true;
}

void ForkedProcess::kill() {
  if (!exit_) ::kill(pid_, SIGKILL);
}

Exit ForkedProcess::wait() {
  if (exit_) return *exit_;
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_ = WIFEXITED(status) ? Exit{WEXITSTATUS(status), 0} : Exit{-1, WTERMSIG(status)};
  return *exit_;
}

}  // namespace troupe::process
