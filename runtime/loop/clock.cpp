#include <troupe/loop/clock.hpp>

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <random>
#include <system_error>
#include <utility>

namespace troupe::loop {

namespace {

class SystemClock final : public Clock {
 public:
  Instant monotonic() const override { return std::chrono::steady_clock::now(); }
  Time wall() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

/// Numbers of the kernel, taken a handful at a time. Threads: one at a time.
class SystemNumbers {
 public:
  std::uint64_t next() {
    if (used_ == numbers_.size()) refill();
    // What was handed out is not to be found here again.
    return std::exchange(numbers_[used_++], 0);
  }

 private:
  void refill() {
    const auto octets = system_secret(sizeof numbers_);
    std::memcpy(numbers_.data(), octets.data(), octets.size());
    used_ = 0;
  }

  std::array<std::uint64_t, 32> numbers_{};  // the kernel never gives less than all of 256 octets
  std::size_t used_ = numbers_.size();
};

class SystemChance final : public Chance {
 public:
  std::uint64_t choice() override { return choices_(); }
  std::uint64_t identity() override { return identities_.next(); }
  std::uint64_t shown() override { return shown_.next(); }

 private:
  std::mt19937_64 choices_{system_entropy()};
  SystemNumbers identities_;
  SystemNumbers shown_;
};

class SeededChance final : public Chance {
 public:
  explicit SeededChance(std::uint64_t seed) : numbers_(seed) {}
  std::uint64_t choice() override { return numbers_(); }
  std::uint64_t identity() override { return numbers_(); }
  std::uint64_t shown() override { return numbers_(); }

 private:
  std::mt19937_64 numbers_;
};

}  // namespace

std::unique_ptr<Chance> system_chance() { return std::make_unique<SystemChance>(); }
std::unique_ptr<Chance> seeded_chance(std::uint64_t seed) { return std::make_unique<SeededChance>(seed); }

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
