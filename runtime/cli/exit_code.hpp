#pragma once

namespace troupe::cli {

/// What a command ends with. `misused`: the command line or the topology is wrong, and a repetition cannot help.
/// `gave_up`: the supervisors of the node did; a new process may do better.
enum ExitCode : int { done = 0, failed = 1, misused = 2, gave_up = 3 };

}  // namespace troupe::cli
