#pragma once

#include <chrono>
#include <vector>

#include <troupe/testing/http.hpp>

namespace troupe::testing {

/// All that a scenario may do to an application, whatever it runs on: a simulation, or real processes.
///
/// Errors: throws std::runtime_error where an answer can't come any more. Threads: one.
class Client {
 public:
  virtual ~Client() = default;

  /// Asks at the same time, and waits for all answers; they come in the order of the requests.
  virtual std::vector<HttpAnswer> exchange(std::vector<HttpRequest> requests) = 0;
  /// Lets time pass, and with it what an application does by itself.
  virtual void pass(std::chrono::milliseconds time) = 0;
};

}  // namespace troupe::testing
