#pragma once

namespace troupe::cli {

/// What a command ends with. `misused`: the command line or the topology is wrong, and a repetition cannot help.
/// `gave_up`: the supervisors of the node did; a new process may do better.
/// `stuck`: a handler did not come back, and the watchdog ended the process.
enum ExitCode : int { done = 0, failed = 1, misused = 2, gave_up = 3, stuck = 4 };

}  // namespace troupe::cli
