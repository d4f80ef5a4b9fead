#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include <troupe/supervision/event.hpp>
#include <troupe/supervision/exit_reason.hpp>
#include <troupe/supervision/spec.hpp>

namespace troupe::supervision {

/// The child that a report is about; or, of children that were stopped together, how many there were.
struct Offender {
  std::shared_ptr<const ChildSpec> spec;
  ChildRef ref = ChildRef::none;  ///< its last life
  std::size_t children = 1;
};

/// OTP's supervisor report: something went wrong with a child.
struct Report {
  enum class Context : std::uint8_t {
    child_terminated,  ///< it ended, and is restarted or was not to end so
    start_error,       ///< it did not start
    shutdown_error,    ///< it was stopped, and ended in another way than it should
    shutdown,          ///< there were too many restarts, with it as the last; the supervisor gives up
  };

  std::string supervisor;
  Context context;
  ExitReason reason;
  Offender offender;
};

/// OTP's progress report: a child has started. Not of children of simple_one_for_one.
struct Progress {
  std::string supervisor;
  Offender started;
};

/// The reason of a report that a supervisor gives up.
inline constexpr const char* reached_max_restart_intensity = "reached_max_restart_intensity";

/// One line for a log, in OTP's words: `supervisor=order/workers context=child_terminated reason=… id=settling ref=17
/// …`.
std::string to_text(const Report& report);
std::string to_text(const Progress& progress);

}  // namespace troupe::supervision
