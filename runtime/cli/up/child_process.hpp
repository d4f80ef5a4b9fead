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
struct Ending {
  int code = 0;
  int signal = 0;  ///< 0: by itself
};

/// "with exit code 1", "by signal 9 (Killed)"
std::string to_string(const Ending& ending);

/// A process with both its outputs on pipes, in a process group of its own, so that a terminal's Ctrl-C is for its
/// parent to pass on. It dies with its parent, however that ends, and with this object.
///
/// Threads: one, and the one that made it must outlive it: the kernel ties the child's life to that thread.
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

  /// Sent to this process only, and only while it is known to be there.
  void signal(int number) const;
  /// How it ended; nothing while it runs.
  std::optional<Ending> ending();

 private:
  pid_t id_ = -1;
  Descriptor output_;
  Descriptor error_;
  std::optional<Ending> ending_;
};

}  // namespace troupe::cli
