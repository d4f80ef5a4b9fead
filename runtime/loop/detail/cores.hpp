#pragma once

#include <filesystem>
#include <optional>

namespace troupe::loop::detail {

/// How many cores this process may keep busy: those that it may run on, and no more than its control groups pay for
/// (a container's `--cpus`), rounded up. At least 1.
unsigned usable_cores();

/// The least quota of the control groups that a process is in, in cores, or nothing where none limits it; of version 1
/// and 2. `root` is `/`, or a folder that looks like it, with what /proc/self tells of that process.
/// Source: cgroups(7), "CPU Bandwidth Control" of Linux' documentation.
std::optional<double> cpu_quota(const std::filesystem::path& root);

}  // namespace troupe::loop::detail
