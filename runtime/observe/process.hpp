#pragma once

#include <troupe/observe/metrics.hpp>

#include <cstdint>

namespace troupe::observe {

/// What the kernel says about this process.
struct ProcessUsage {
  std::uint64_t resident_bytes = 0;
  double cpu_seconds = 0;  ///< user and system together
  std::uint64_t open_descriptors = 0;
  std::uint64_t threads = 0;
};

/// Zeroes where the kernel says nothing. Threads: any.
ProcessUsage process_usage();

/// Registers the process's metrics under the names that every Prometheus client uses.
void add_process_metrics(Registry& registry);

}  // namespace troupe::observe
