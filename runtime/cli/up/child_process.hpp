#pragma once

#include <unistd.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/cli/descriptor.hpp>

namespace troupe::cli {

/// What to start, and with what.
struct Program {
  std::string path;
  std::vector<std::string> arguments;                            ///< with the program's own name first
  std::vector<std::pair<std::string, std::string>> environment;  ///< beside the variables of this process
};

/// How a process ended: by itself with a code, or by a signal.
struct ExitStatus {
  int code = 0;
  int signal = 0;  ///< 0: by itself
};

/// "with exit code 1", "by signal 9 (Killed)"
std::string to_string(const ExitStatus& status);

/// A process with both its outputs on pipes. It runs in a process group of its own, so that a terminal's Ctrl-C reaches
/// only its parent. The kernel kills it when its parent ends, and the destructor kills it.
///
/// Threads: one, which must live longer than this object: the kernel kills the child when the thread that made it ends.
class ChildProcess {
 public:
  /// Errors: throws std::system_error that names the program where it cannot be started.
  explicit ChildProcess(const Program& program);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t id() const { return id_; }
  /// What it prints and what it logs; reading never waits.
  Descriptor& output() { return output_; }
  Descriptor& error() { return error_; }

  /// Sends a signal to this process alone. Does nothing once the process has ended.
  void signal(int number) const;
  /// How it ended; nothing while it runs.
  std::optional<ExitStatus> exit_status();

 private:
  pid_t id_ = -1;
  Descriptor output_;
  Descriptor error_;
  std::optional<ExitStatus> exit_status_;
};

}  // namespace troupe::cli
