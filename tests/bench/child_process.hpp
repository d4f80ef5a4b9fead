#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace troupe::bench {

/// What to start. The child inherits our environment with `environment` (`NAME=value`) added, and our standard error
/// unless `error_log` names a file for it.
struct Command {
  std::vector<std::string> arguments;
  std::vector<std::string> environment = {};
  std::filesystem::path error_log = {};
};

/// A program that runs beside this one and never outlives this object: it is stopped by its own pid.
class ChildProcess {
 public:
  /// Errors: throws when the program cannot be started.
  explicit ChildProcess(const Command& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }

  /// The next line of standard output that starts with `prefix`; others are passed over.
  /// Errors: throws when the output ends or `longest` is over before.
  std::string read_line(const std::string& prefix, std::chrono::milliseconds longest);

  /// All that is left of standard output, until the program closes it.
  /// Errors: throws when `longest` is over before.
  std::string read_all(std::chrono::milliseconds longest);

  /// Sends SIGTERM, after `grace` SIGKILL, and gives the exit code (128 + signal for a killed program).
  int stop(std::chrono::milliseconds grace);

  /// Waits for the end without asking for it.
  int wait();

 private:
  bool fill(std::chrono::steady_clock::time_point until);

  pid_t pid_ = -1;
  int output_ = -1;
  int exit_code_ = -1;
  std::string held_;
};

/// Runs a program to its end and gives its standard output.
/// Errors: throws when it fails or takes longer than `longest`.
std::string run_to_end(const Command& command, std::chrono::milliseconds longest);

/// Whether `program` (a path, or a name to be found in PATH) can be started.
bool can_run(const std::string& program);

/// Has the kernel kill the calling process when the one that started it ends, however that ends: for the other end of
/// a measurement.
void end_with_parent();

/// A TCP port of this machine that was free a moment ago, for a server that cannot choose its own.
std::uint16_t free_port();

}  // namespace troupe::bench
