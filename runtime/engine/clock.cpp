#include "runtime/engine/clock.hpp"

#include <random>

namespace troupe::engine {

namespace {

class SystemClock final : public Clock {
 public:
  Instant monotonic() const override { return std::chrono::steady_clock::now(); }
  Time wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::uint64_t system_entropy() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace troupe::engine
