#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/actor/task.hpp>
#include <troupe/engine/engine.hpp>
#include <troupe/gateway/token.hpp>
#include <troupe/http/service.hpp>
#include <troupe/testing/http.hpp>

/// What simulated applications share: requests without sockets, trust in tokens, and what went wrong beside answers.
namespace troupe::testing::detail {

/// As it comes from a server that has read it.
http::Request to_request(HttpRequest request, std::size_t loop);

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

/// Asks a service on a loop.
std::shared_ptr<PendingAnswer> ask(http::Service& service, loop::Loop& loop, HttpRequest request);

/// Whoever a token names.
Task<Principal> believe(gateway::TokenClaims claims);

class Reports final : public engine::Reporter {
 public:
  void crashed(const engine::CrashReport& report) override;
  void trouble(std::string_view what) override { lines.emplace_back(what); }

  std::vector<std::string> lines;
};

}  // namespace troupe::testing::detail
