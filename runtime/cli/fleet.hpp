#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actor/instant.hpp>
#include <troupe/cli/child_process.hpp>
#include <troupe/cli/exit_code.hpp>
#include <troupe/cli/merged_log.hpp>
#include <troupe/cli/patient_output.hpp>
#include <troupe/cli/signals.hpp>
#include <troupe/resilience/backoff.hpp>

namespace troupe::cli {

/// When a member is told to end: those that take work from outside go first, so that those behind them can finish it.
enum class StopTurn : std::uint8_t { first, last };

/// One program that a fleet keeps running.
struct FleetMember {
  std::string name;
  Program program;
  StopTurn stop_turn = StopTurn::last;
};

struct FleetOptions {
  std::string name;  ///< told in the last ready line
  resilience::Backoff backoff{Duration(100), Duration(10'000)};
  /// A member that has been ready for so long has settled: its next restart is a first one again.
  Duration settled = Duration(10'000);
  /// How long the members of one turn may take to end once they are told to; then they are killed.
  Duration patience = Duration(25'000);
  Colours colours = Colours::none;
  std::filesystem::path logs;  ///< where each member's log is kept as a file, too; empty: nowhere
};

/// Programs that run side by side as children of this process and are started again when they end.
///
/// A member prints `ready ...` when it is. What members print goes on to standard output, what they log to standard
/// error, line by line, led by the member's name. SIGTERM, SIGINT or SIGHUP ends the fleet in order, a second one at
/// once. No member outlives `run`, nor this process.
class Fleet {
 public:
  /// Errors: throws std::system_error where the files of the logs cannot be made.
  Fleet(std::vector<FleetMember> members, FleetOptions options);

  /// Returns when all have ended: `done` after a signal and an orderly end; `misused` where a member ended with that
  /// code, since another start cannot help; `failed` where a member had to be killed.
  /// Errors: throws std::system_error where a program cannot be started.
  ExitCode run();

 private:
  struct Crew {
    FleetMember member;
    std::unique_ptr<ChildProcess> process;
    LineCutter output;
    LineCutter error;
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
  void read_output(std::size_t index, Descriptor& from, LineCutter& cutter,
                   void (Fleet::*take)(std::size_t, std::string_view));
  void printed(std::size_t index, std::string_view line);
  void logged(std::size_t index, std::string_view line);
  void say(std::string_view what);
  void reap();
  void ended(std::size_t index, const Ending& ending);
  void plan_restart(std::size_t index, const std::string& why);
  void restart_due();
  void stop(ExitCode code);
  void begin_turn(StopTurn turn);
  void go_on_stopping();
  void kill_all();
  bool any_running() const;
  bool any_running(StopTurn turn) const;
  void flush();

  FleetOptions options_;
  std::vector<Crew> crew_;
  LedLines lines_;
  std::optional<LogFiles> files_;
  SignalQueue signals_;
  PatientOutput output_;
  PatientOutput error_;
  std::uint64_t random_;
  bool told_ready_ = false;
  bool told_to_stop_ = false;
  bool end_of_files_told_ = false;
  // Once it stops:
  std::optional<StopTurn> stopping_;
  Instant stop_limit_{};
  ExitCode exit_code_ = done;
};

}  // namespace troupe::cli
