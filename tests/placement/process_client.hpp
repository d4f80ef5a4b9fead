#pragma once

#include <string>
#include <vector>

#include <troupe/testing/client.hpp>
#include "tests/shop/client.hpp"

namespace shop::testing {

/// A client of real processes: over HTTP, in real time, of their gateways in turn.
class ProcessClient final : public troupe::testing::Client {
 public:
  explicit ProcessClient(const std::vector<std::string>& gateways);

  std::vector<troupe::testing::HttpAnswer> exchange(std::vector<troupe::testing::HttpRequest> requests) override;
  void pass(std::chrono::milliseconds time) override;

 private:
  std::vector<std::string> addresses_;
  std::vector<Connection> connections_;  ///< for requests that are asked alone
  std::size_t next_ = 0;
};

}  // namespace shop::testing
