#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace troupe::loop {

/// Where a thread is: the addresses of its calls, innermost first. Plain memory, so that a signal's handler may fill
/// it.
///
/// ```
/// StackTrace trace;
/// trace.capture();
/// log.error("…", {{"stack", to_text(trace.addresses())}});
/// ```
class StackTrace {
 public:
  /// Of deeper stacks, the outer calls are left out.
  static constexpr std::size_t most_addresses = 64;

  StackTrace() = default;
  /// As it was taken before, maybe without some of its inner calls.
  explicit StackTrace(std::span<const std::uintptr_t> addresses) noexcept
      : size_(std::min(addresses.size(), most_addresses)) {
    std::ranges::copy(addresses.first(size_), addresses_.begin());
  }

  /// Does what the first capture() would have to do and a signal's handler must not: once, before handlers capture.
  static void prepare() { StackTrace().capture(); }

  /// Takes the stack of the calling thread; in a signal's handler, of what the signal interrupted.
  /// Threads: any. It allocates nothing, takes no lock and may be called in handlers, once prepared.
  void capture() noexcept;

  /// Each lies inside of its call, so that line tables name the line of the call and not of its return.
  std::span<const std::uintptr_t> addresses() const { return {addresses_.data(), size_}; }

 private:
  std::array<std::uintptr_t, most_addresses> addresses_{};
  std::size_t size_ = 0;
};

/// On one line, innermost first: `shop+0x1a2b < libc.so.6+0x3c4d nanosleep+0x13`. Each is a module, the offset in its
/// file, by which `addr2line -Cfie MODULE OFFSET…` tells function and line, and the symbol where the module exports
/// one. Not for signals' handlers.
std::string to_text(std::span<const std::uintptr_t> addresses);

}  // namespace troupe::loop
