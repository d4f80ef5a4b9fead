#pragma once

#include <chrono>
#include <concepts>
#include <thread>

namespace troupe::process {

/// Generous, because tests also run under sanitizers on busy machines; nothing waits longer than it must.
inline constexpr std::chrono::seconds patience{60};

/// Asks again and again until the condition holds; false when the limit has passed first.
bool eventually(std::predicate auto condition, std::chrono::milliseconds limit = patience) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

}  // namespace troupe::process
