#pragma once

namespace troupe::cli {

/// What a command ends with. `misused`: the command line or the topology is wrong, and a repetition cannot help.
enum ExitCode : int { done = 0, failed = 1, misused = 2 };

}  // namespace troupe::cli
