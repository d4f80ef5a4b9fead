#pragma once

#include <csignal>

namespace troupe::cli {

/// SIGTERM and SIGINT are taken by whoever waits for them here; every thread made later inherits the mask.
///
/// As process 1, in a container, the kernel gives a process no default actions, and children that others left behind:
/// there a second signal is made to end it all the same, and those children are reaped.
class StopSignals {
 public:
  StopSignals();

  /// Whether one has come that nobody has waited for yet.
  bool pending() const;
  void wait() const;
  /// As if one had come. Threads: any.
  static void raise();
  /// From now on they end the process at once.
  void restore() const;

 private:
  sigset_t set_{};
};

}  // namespace troupe::cli
