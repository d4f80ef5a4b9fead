#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/engine/engine.hpp>
#include <troupe/gateway/idempotency.hpp>
#include <troupe/gateway/route_table.hpp>
#include <troupe/gateway/token.hpp>
#include <troupe/http/service.hpp>

namespace troupe::gateway {

/// Tells who bears a token that is signed and not expired: asks whether the user still exists and the session still
/// holds. A rejection, whatever its code, is 401; any other failure is told as such.
using Authenticator = std::function<Task<Principal>(TokenClaims)>;

/// One answered request, for logs and metrics.
struct Exchanged {
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
  std::function<void(const Exchanged&)> exchanged;
  std::function<void(std::string_view)> crashed;
};

/// The HTTP service over a table of routes: finds the route, checks the request, asks, answers.
///
/// Checks in this order: path 404, method 405, token 401, role 403, size 413, media 415, headers, body and query 400;
/// then the route's own work. Serves /openapi.json and /docs besides.
/// Threads: as Service. Lifetime: outlived by the engine; authenticator and callbacks are called on any loop.
class RoutedService final : public http::Service {
 public:
  /// Errors: throws std::logic_error where a POST honours Idempotency-Key and its domain keeps none.
  RoutedService(engine::Engine& engine, std::shared_ptr<const RouteTable> routes,
                std::shared_ptr<const TokenSigner> signer, Authenticator authenticator, const IdempotencySecret& secret,
                RoutedServiceOptions options = {});
  ~RoutedService() override;

  void handle(http::Request request, http::Respond respond) override;
  http::Response refuse(const http::Refusal& refusal) override;
  void crashed(std::string_view what) noexcept override;

 private:
  struct Exchange;
  class Cors;
  struct Page;

  void check_token(std::unique_ptr<Exchange> exchange);
  void authenticated(std::unique_ptr<Exchange> exchange);
  void ask(std::unique_ptr<Exchange> exchange);
  Outcome<Task<Answer>> begin(Exchange& exchange) const;
  void answer(std::unique_ptr<Exchange> exchange, Outcome<Answer> outcome);
  void refuse(std::unique_ptr<Exchange> exchange, std::string_view code, std::string detail);
  void finish(std::unique_ptr<Exchange> exchange, http::Response response);
  void tell_methods(std::unique_ptr<Exchange> exchange);
  const Page* find_page(std::string_view path) const;
  void open_page(std::unique_ptr<Exchange> exchange);
  void serve(const Page& page, std::unique_ptr<Exchange> exchange);

  engine::Engine& engine_;
  std::shared_ptr<const RouteTable> routes_;
  std::shared_ptr<const TokenSigner> signer_;
  Authenticator authenticator_;
  IdempotencySecret secret_;
  RoutedServiceOptions options_;
  std::vector<Page> pages_;
};

}  // namespace troupe::gateway
