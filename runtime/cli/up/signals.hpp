#pragma once

#include <optional>

#include <troupe/cli/descriptor.hpp>

namespace troupe::cli {

/// The signals that a process with children lives by (SIGTERM, SIGINT, SIGHUP, SIGCHLD), as something to poll.
///
/// Lifetime: they are held back from the process while this exists.
class SignalQueue {
 public:
  SignalQueue();
  ~SignalQueue();
  SignalQueue(const SignalQueue&) = delete;
  SignalQueue& operator=(const SignalQueue&) = delete;

  const Descriptor& descriptor() const { return descriptor_; }
  /// The next one that has come; nothing where none has.
  std::optional<int> next();

 private:
  Descriptor descriptor_;
};

}  // namespace troupe::cli
