#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/gateway/detail/cors.hpp>
#include <troupe/gateway/detail/pages.hpp>
#include <troupe/gateway/idempotency.hpp>
#include <troupe/gateway/route_table.hpp>
#include <troupe/gateway/token.hpp>
#include <troupe/http/service.hpp>

namespace troupe::gateway {

/// Tells who bears a token that is signed and not expired: asks whether the user still exists and the session still
/// holds. A rejection, whatever its code, is 401; any other failure is told as such.
using Authenticator = std::function<Task<Principal>(TokenClaims)>;

/// What logs and metrics hear of a request that has its answer.
struct AnsweredRequest {
  const Route* route = nullptr;  ///< null: it matched none
  http::Method method = http::Method::get;
  std::uint16_t status = 0;
  std::chrono::nanoseconds duration{};
  std::string_view trace_id;
  std::string_view request_id;
};

struct RoutedServiceOptions {
  std::string title = "API";
  std::string version = "1";
  std::chrono::milliseconds deadline{10'000};  ///< for all that one request asks
  std::vector<std::string> allowed_origins;    ///< for browsers of other sites; `*`: any. Empty: CORS is off
  std::function<void(const AnsweredRequest&)> answered;
  std::function<void(std::string_view)> crashed;
};

/// The HTTP service over a table of routes: finds the route, checks the request, asks, answers.
///
/// Each request is one coroutine, `answer`, whose lines are the order of the checks. Serves /openapi.json and /docs
/// besides.
/// Threads: as http::Service. Lifetime: the engine outlives it; authenticator and callbacks are called on any loop.
class RoutedService final : public http::Service {
 public:
  /// Errors: throws std::logic_error where a POST honours Idempotency-Key and its domain keeps none.
  RoutedService(engine::Engine& engine, std::shared_ptr<const RouteTable> routes,
                std::shared_ptr<const TokenSigner> signer, Authenticator authenticator,
                const IdempotencySecrets& secrets, RoutedServiceOptions options = {});
  ~RoutedService() override;

  void handle(http::Request request, http::Respond respond) override;
  http::Response refuse(const http::Refusal& refusal) override;
  void crashed(std::string_view what) noexcept override;

 private:
  struct Exchange;

  /// Lifetime: the exchange outlives the coroutine's last resumption, for the root's end holds it.
  Task<http::Response> answer(Exchange& x) const;
  Task<Principal> authenticate(const Exchange& x, std::string_view token) const;

  std::optional<Rejected> find_resource(Exchange& x) const;
  static std::optional<Rejected> find_route(Exchange& x);
  http::Response tell_methods(const Exchange& x) const;
  /// Reads the message and makes the work that answers it; a failure where the request is malformed.
  Outcome<Task<Answer>> bind(const Exchange& x) const;
  Outcome<Task<Answer>> begin(const Exchange& x) const;

  void respond(Exchange& x, Outcome<http::Response>& outcome) const;
  http::Response refusal(const Exchange& x, const Failure& failure) const;

  engine::Engine& engine_;
  std::shared_ptr<const RouteTable> routes_;
  std::shared_ptr<const TokenSigner> signer_;
  Authenticator authenticator_;
  IdempotencySecrets secrets_;
  RoutedServiceOptions options_;
  detail::Cors cors_;
  detail::Pages pages_;
};

}  // namespace troupe::gateway
