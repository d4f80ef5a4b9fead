#include <troupe/supervision/restart_intensity.hpp>

#include <utility>

namespace troupe::supervision {

bool RestartIntensity::add(Instant now, std::int64_t intensity, Duration period) {
  const auto at = std::chrono::floor<Duration>(now.time_since_epoch());
  while (!restarts_.empty() && restarts_.front() < at - period) restarts_.pop_front();
  restarts_.push_back(at);
  return std::cmp_less_equal(restarts_.size(), intensity);
}

}  // namespace troupe::supervision
