#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <troupe/http/service.hpp>
#include <troupe/loop/loop.hpp>
#include <troupe/testing/http.hpp>

namespace troupe::testing::detail {

/// The answer to a request that no socket carries, once the service has given it.
class PendingAnswer final : public http::ResponseSink {
 public:
  void answer(std::uint64_t, http::Response answered) override { response_ = std::move(answered); }
  void abandon(std::uint64_t) override { abandoned_ = true; }

  bool is_over() const { return response_ || abandoned_; }
  /// Errors: throws std::runtime_error where the request was dropped without an answer.
  HttpAnswer take();

 private:
  std::optional<http::Response> response_;
  bool abandoned_ = false;
};

/// Hands a service a request on a loop, as a server does that has read it.
std::shared_ptr<PendingAnswer> ask(http::Service& service, loop::Loop& loop, HttpRequest request);

}  // namespace troupe::testing::detail
