#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

namespace troupe::bench {

/// A stretch of calls from one process to another: so many in flight, each followed by the next, until its time is
/// over. The contender asks with `start` whether to send one more call, and says with `end` that one was answered.
///
/// Threads: one at a time.
class CallRun {
 public:
  using Clock = std::chrono::steady_clock;

  CallRun(std::uint64_t in_flight, std::chrono::duration<double> longest);

  std::uint64_t in_flight() const { return in_flight_; }
  /// Whether another call is to be sent now.
  bool start();
  void end();
  /// Whether the time is over and nothing is in flight.
  bool over() const { return open_ == 0 && closed_; }

  std::uint64_t answered() const { return answered_; }
  double seconds() const { return std::chrono::duration<double>(last_ - begin_).count(); }
  /// How long each call took, sorted; kept with one in flight only.
  std::vector<double> sorted_us() const;

 private:
  std::uint64_t in_flight_;
  Clock::time_point begin_, until_, started_, last_;
  std::uint64_t open_ = 0;
  std::uint64_t answered_ = 0;
  bool closed_ = false;
  std::vector<double> each_us_;
};

/// Measures with 1, 64 and 512 in flight and prints the samples `p50_1`, `p99_1`, and of each `rate_N` and `cpu_N`: the
/// CPU of this process and of `server` together, a call. `run` makes the calls of a stretch and returns when it is
/// over.
void measure_calls(pid_t server, std::chrono::duration<double> each, const std::function<void(CallRun&)>& run);

}  // namespace troupe::bench
