#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace troupe::http {

/// What one connection holds of request bodies, in the account that all connections of a server share.
///
/// Threads: the connection's; the account is any thread's.
/// Lifetime: the account outlives the share's last use. What is held is given back by `release`.
class BodyShare {
 public:
  /// Units: bytes.
  BodyShare(std::atomic<std::size_t>& all, std::size_t limit) : all_(all), limit_(limit) {}

  /// From now on it is `bytes`. False, and as before: the account would go over its limit.
  bool hold(std::size_t bytes) {
    if (bytes <= held_) {
      if (bytes < held_) all_.fetch_sub(held_ - bytes, std::memory_order_relaxed);
      held_ = bytes;
      return true;
    }
    const std::size_t more = bytes - held_;
    std::size_t before = all_.load(std::memory_order_relaxed);
    do {
      if (before + more > limit_) return false;
    } while (!all_.compare_exchange_weak(before, before + more, std::memory_order_relaxed));
    held_ = bytes;
    return true;
  }
  void release() { all_.fetch_sub(std::exchange(held_, 0), std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t>& all_;
  const std::size_t limit_;
  std::size_t held_ = 0;
};

}  // namespace troupe::http
