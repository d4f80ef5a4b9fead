#include <troupe/loop/clock.hpp>

#include <sys/random.h>

#include <cerrno>
#include <random>
#include <system_error>

namespace troupe::loop {

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

std::vector<std::byte> system_secret(std::size_t size) {
  std::vector<std::byte> secret(size);
  if (getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(size)) {
    throw std::system_error(errno, std::generic_category(), "the system gives no random bytes");
  }
  return secret;
}

}  // namespace troupe::loop
