#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/process/eventually.hpp"
#include "tests/process/private_mount.hpp"

namespace troupe::process {

/// What to start. The child sees the caller's environment without its SHOP_ and TROUPE_ variables.
struct Command {
  std::vector<std::string> arguments;  ///< the first is the program: a path, or a name to be found in PATH
  std::vector<std::pair<std::string, std::string>> environment = {};
  std::filesystem::path folder = {};  ///< the child's working directory
  std::optional<Mount> mount = {};
  /// Captured like standard output, or left as the caller's own.
  enum class StandardError { captured, inherited } standard_error = StandardError::captured;
  std::filesystem::path error_log = {};  ///< where standard error is appended instead, if not empty
};

/// How a process ended: by itself with a code, or by a signal.
struct Exit {
  int code = -1;
  int signal = 0;
};

/// A real process, with its two outputs captured. It dies with this object, and with the test's own process.
///
/// Errors: throws where it can't be started; a program that can't be executed ends with 127.
/// Threads: construct on a thread that outlives the child: the kernel ties the child's life to it.
class ChildProcess {
 public:
  explicit ChildProcess(const Command& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  bool running();
  void signal(int number);
  std::optional<Exit> wait(std::chrono::milliseconds limit = patience);
  /// Sends SIGTERM, and SIGKILL when it has not ended within the limit.
  Exit stop(std::chrono::milliseconds limit = patience);

  /// The first line of standard output that begins so; nothing when the process ended or the limit passed before.
  std::optional<std::string> wait_for_line(std::string_view beginning, std::chrono::milliseconds limit = patience);
  /// The same. Errors: std::runtime_error with its outputs, when there is none.
  std::string require_line(std::string_view beginning, std::chrono::milliseconds limit = patience);

  /// The outputs are complete only when their pipes are closed, a moment after the process has gone.
  void wait_for_end_of_outputs();

  std::string standard_output() const;
  std::string standard_error() const;
  long peak_memory_kib() const;

 private:
  void capture(int output, int error);

  pid_t pid_ = -1;
  int handle_ = -1;
  std::optional<Exit> exit_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string output_;
  std::string error_;
  bool ended_ = false;
  std::thread reader_;
};

/// Everything about a process that has run to its end.
struct Finished {
  Exit exit;
  std::string output;
  std::string error;
};

/// Runs the command to its end; kills it, and says so by exit.signal, when it takes longer than the limit.
Finished run_to_end(const Command& command, std::chrono::milliseconds limit = patience);

/// Where the program lies: the path itself, or the first in PATH that has the name; empty: it can't be started.
std::filesystem::path find_program(const std::filesystem::path& program);

}  // namespace troupe::process
