#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/cli/exit_code.hpp>
#include <troupe/cli/up/child_process.hpp>
#include <troupe/cli/up/merged_log.hpp>
#include <troupe/cli/up/non_blocking_output.hpp>
#include <troupe/cli/up/signals.hpp>
#include <troupe/loop/clock.hpp>
#include <troupe/resilience/backoff.hpp>
#include <troupe/wire/time.hpp>

namespace troupe::cli {

/// When a child is told to end: those that take work from outside go first, so that those behind them can finish it.
enum class StopPhase : std::uint8_t { first, last };

/// One program that a supervisor keeps running.
struct ChildSpec {
  std::string name;
  Program program;
  StopPhase stop_phase = StopPhase::last;
};

struct SupervisorOptions {
  std::string name;  ///< told in the last ready line
  resilience::Backoff backoff{Duration(100), Duration(10'000), resilience::Backoff::Jitter::equal};
  std::function<std::uint64_t()> random = loop::system_entropy;
  /// After a child has been ready for so long, its failures are forgotten, and the backoff begins anew.
  Duration settled = Duration(10'000);
  /// How long the children of one phase may take to end once they are told to; then they are killed.
  Duration patience = Duration(25'000);
  Colours colours = Colours::none;
  std::filesystem::path logs;  ///< where each child's log is kept as a file, too; empty: nowhere
};

/// Programs that run side by side as children of this process and are started again when they end.
///
/// A child prints `ready ...` when it is. What children print goes on to standard output, what they log to standard
/// error, line by line, led by the child's name. SIGTERM, SIGINT or SIGHUP ends all children in order, a second signal
/// kills them. Every child has ended when `run` returns, and the kernel kills them if this process ends before.
class ProcessSupervisor {
 public:
  /// Errors: throws std::system_error where the files of the logs cannot be made.
  ProcessSupervisor(std::vector<ChildSpec> specs, SupervisorOptions options);

  /// Returns when all have ended: `done` after a signal and an orderly end; `misused` where a child ended with that
  /// code, since another start cannot help; `failed` where a child had to be killed.
  /// Errors: throws std::system_error where a program cannot be started.
  ExitCode run();

 private:
  struct Child {
    ChildSpec spec;
    std::unique_ptr<ChildProcess> process;
    LineSplitter output;
    LineSplitter error;
    unsigned failures = 0;  ///< restarts since it had settled
    std::optional<Instant> restart_at;
    std::optional<Instant> ready_at;
    bool was_ready = false;
  };

  void start(std::size_t index);
  void wait();
  int wait_limit() const;
  void take_signals();
  void read(std::size_t index);
  void read_output(std::size_t index, Descriptor& from, LineSplitter& cutter,
                   void (ProcessSupervisor::*take)(std::size_t, std::string_view));
  void printed(std::size_t index, std::string_view line);
  void logged(std::size_t index, std::string_view line);
  void say(std::string_view what);
  void reap();
  void ended(std::size_t index, const ExitStatus& status);
  void plan_restart(std::size_t index, const std::string& why);
  void restart_due();
  void stop(ExitCode code);
  void begin_phase(StopPhase phase);
  void go_on_stopping();
  void kill_all();
  bool any_running() const;
  bool any_running(StopPhase phase) const;
  void flush();

  SupervisorOptions options_;
  std::vector<Child> children_;
  PrefixedLines lines_;
  std::optional<LogFiles> files_;
  SignalQueue signals_;
  NonBlockingOutput output_;
  NonBlockingOutput error_;
  bool told_ready_ = false;
  bool told_to_stop_ = false;
  bool end_of_files_told_ = false;
  // Once it stops:
  std::optional<StopPhase> stopping_;
  Instant stop_limit_{};
  ExitCode exit_code_ = done;
};

}  // namespace troupe::cli
