#pragma once

#include <optional>

#include <troupe/cli/descriptor.hpp>

namespace troupe::cli {

/// A descriptor that becomes readable when SIGTERM, SIGINT, SIGHUP or SIGCHLD arrives.
///
/// Lifetime: while this object lives, these signals have no other effect on the process.
class SignalQueue {
 public:
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  const Descriptor& descriptor() const { return descriptor_; }
  /// Takes the next signal that has arrived; nothing if none has.
  std::optional<int> next();

 private:
  Descriptor descriptor_;
};

}  // namespace troupe::cli
