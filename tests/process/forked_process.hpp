#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <optional>

#include "tests/process/child_process.hpp"

namespace troupe::process {

/// A copy of this process that does one thing and can tell of it through a pipe: for what must happen in a process that
/// may be killed. It dies with this object, and with the test's own process.
///
/// Threads: construct where no other thread holds a lock that the work needs.
class ForkedProcess {
 public:
  /// `work` is given the end of the pipe that it may write to; what it returns is the exit code.
  explicit ForkedProcess(const std::function<int(int pipe)>& work);
  ~ForkedProcess();
  ForkedProcess(const ForkedProcess&) = delete;
  ForkedProcess& operator=(const ForkedProcess&) = delete;

  pid_t pid() const { return pid_; }
  /// Waits for what it tells next; nothing: it has ended.
  template <class T>
  std::optional<T> told() {
    T value{};
    return read(&value, sizeof value) ? std::optional<T>{value} : std::nullopt;
  }
  void kill();
  Exit wait();

 private:
  bool read(void* target, std::size_t octets);

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::optional<Exit> exit_;
};

}  // namespace troupe::process
