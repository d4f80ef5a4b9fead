#include <troupe/resilience/breaker.hpp>

namespace troupe::resilience {

Breaker::Permit Breaker::admit_probe(Instant now) {
  const std::lock_guard lock(mutex_);
  if (state() == State::closed) return Permit::call;
  if (now < next_probe_) return Permit::refused;
  next_probe_ = now + options_.open;
  go(State::half_open);
  return Permit::probe;
}

Breaker::Change Breaker::succeeded(Permit permit) {
  if (permit != Permit::probe) return Change::none;
  const std::lock_guard lock(mutex_);
  if (state() != State::half_open) return Change::none;
  failures_.clear();
  go(State::closed);
  return Change::closed;
}

Breaker::Change Breaker::failed(Permit permit, Instant now) {
  const std::lock_guard lock(mutex_);
  if (state() == State::half_open && permit == Permit::probe) {
    next_probe_ = now + options_.open;
    go(State::open);
    return Change::none;
  }
  // A call that began before the breaker opened tells nothing new.
  if (state() != State::closed) return Change::none;
  failures_.push_back(now);
  while (failures_.size() > options_.failures || now - failures_.front() > options_.within) failures_.pop_front();
  if (failures_.size() < options_.failures) return Change::none;
  failures_.clear();
  next_probe_ = now + options_.open;
  go(State::open);
  return Change::opened;
}

Instant Breaker::next_probe() const {
  const std::lock_guard lock(mutex_);
  return next_probe_;
}

}  // namespace troupe::resilience
