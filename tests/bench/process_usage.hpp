#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>

namespace troupe::bench {

/// User and system time that a process has used so far, all its threads together, from `/proc/PID/stat`.
/// Units: counted by the kernel in ticks of 10 ms, so measure over seconds.
/// Errors: throws when there is no such process.
std::chrono::nanoseconds process_cpu(pid_t pid);

/// The same, with the processes that its main thread has started and that still run.
std::chrono::nanoseconds process_tree_cpu(pid_t pid);

/// Memory of a process that is resident now (`VmRSS`), in bytes.
/// Errors: throws when there is no such process.
std::uint64_t process_resident_bytes(pid_t pid);

}  // namespace troupe::bench
