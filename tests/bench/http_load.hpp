#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace troupe::bench {

/// Writes the bytes of request number `sequence` into `request`, in place of what it holds.
using NextRequest = std::function<void(std::uint64_t sequence, std::string& request)>;

/// Load on one HTTP/1.1 server of this machine: keep-alive connections, one request in flight on each.
///
/// A run warms up for `warm_up`, then measures until `requests` have been answered or `longest` is over, whichever
/// comes first, and lets the requests in flight finish.
struct LoadPlan {
  std::uint16_t port = 0;
  std::size_t connections = 64;
  std::chrono::milliseconds warm_up{1'000};
  std::chrono::milliseconds longest{4'000};
  std::optional<std::uint64_t> requests;
  std::optional<pid_t> server;  ///< Whose CPU time is charged to the requests.
};

/// What a run saw. Latencies and CPU cover the measured part; `statuses` covers the warm-up too, so that a test can
/// compare it with what the server says it has done.
struct LoadReport {
  std::uint64_t answered = 0;  ///< Answers with status 2xx in the measured part.
  std::uint64_t failed = 0;    ///< Answers with another status, and requests whose connection broke.
  double seconds = 0;
  double server_cpu_us = 0;  ///< Per answer of the measured part.
  double client_cpu_us = 0;
  double p50_us = 0;
  double p90_us = 0;
  double p99_us = 0;
  double max_us = 0;
  std::map<unsigned, std::uint64_t> statuses;
  std::uint64_t broken_connections = 0;
  std::string first_failure;  ///< The start of the first answer that was not 2xx, for the person who reads the log.

  double rate() const { return seconds > 0 ? static_cast<double>(answered) / seconds : 0; }
};

/// Runs the load on the calling thread.
/// Errors: throws when no connection can be made or when nothing was answered in the measured part.
LoadReport run_load(const LoadPlan& plan, NextRequest next_request);

}  // namespace troupe::bench
