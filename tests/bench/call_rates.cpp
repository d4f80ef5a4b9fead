#include "tests/bench/call_rates.hpp"

#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "tests/bench/process_usage.hpp"
#include "tests/bench/sample.hpp"

namespace troupe::bench {
namespace {

constexpr std::uint64_t in_flight_levels[] = {1, 64, 512};
constexpr std::uint64_t warm_up_in_flight = 64;
/// The share of a stretch that warms up before the first.
constexpr double warm_up_share = 0.25;

}  // namespace

CallRun::CallRun(std::uint64_t in_flight, std::chrono::duration<double> longest)
    : in_flight_(in_flight),
      begin_(Clock::now()),
      until_(begin_ + std::chrono::duration_cast<Clock::duration>(longest)),
      last_(begin_) {}

bool CallRun::start() {
  if (closed_) return false;
  started_ = Clock::now();
  closed_ = started_ >= until_;
  if (!closed_) ++open_;
  return !closed_;
}

void CallRun::end() {
  last_ = Clock::now();
  if (in_flight_ == 1) each_us_.push_back(std::chrono::duration<double, std::micro>(last_ - started_).count());
  ++answered_;
  --open_;
}

std::vector<double> CallRun::sorted_us() const {
  std::vector<double> sorted = each_us_;
  std::ranges::sort(sorted);
  return sorted;
}

void measure_calls(pid_t server, std::chrono::duration<double> each, const std::function<void(CallRun&)>& run) {
  CallRun warm_up(warm_up_in_flight, each * warm_up_share);
  run(warm_up);
  for (const std::uint64_t in_flight : in_flight_levels) {
    const auto cpu_before = process_cpu(server) + process_cpu(getpid());
    CallRun stretch(in_flight, each);
    run(stretch);
    const std::chrono::duration<double, std::micro> cpu = process_cpu(server) + process_cpu(getpid()) - cpu_before;
    if (stretch.answered() == 0) throw std::runtime_error("no call was answered");
    const std::string suffix = '_' + std::to_string(in_flight);
    if (in_flight == 1) {
      const std::vector<double> sorted = stretch.sorted_us();
      print_sample({"p50_1", sorted[sorted.size() / 2], "us"});
      print_sample({"p99_1", sorted[sorted.size() * 99 / 100], "us"});
    }
    const auto answered = static_cast<double>(stretch.answered());
    print_sample({"rate" + suffix, answered / stretch.seconds(), "1/s"});
    print_sample({"cpu" + suffix, cpu.count() / answered, "us"});
  }
}

}  // namespace troupe::bench
