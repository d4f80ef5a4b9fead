#include <troupe/supervision/crash_loop.hpp>

namespace troupe::supervision {

CrashLoop::Phase CrashLoop::crashed(const CrashLoopLimits& limits, Instant now, std::uint64_t random) {
  if (phase_ == Phase::calm) {
    while (!crashes_.empty() && crashes_.front() < now - limits.within) crashes_.pop_front();
    crashes_.push_back(now);
    if (crashes_.size() < limits.crashes) return phase_;
    crashes_.clear();
  }
  phase_ = Phase::looping;
  last_wait_ = limits.backoff.wait(++waits_, random);
  next_try_ = now + last_wait_;
  return phase_;
}

bool CrashLoop::admits(Instant now) {
  if (phase_ == Phase::calm) return true;
  if (now < next_try_) return false;
  phase_ = Phase::trying;
  next_try_ = now + last_wait_;
  return true;
}

void CrashLoop::handled() {
  if (phase_ != Phase::trying) return;
  phase_ = Phase::calm;
  waits_ = 0;
}

}  // namespace troupe::supervision
