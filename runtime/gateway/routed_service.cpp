#include <troupe/gateway/routed_service.hpp>

#include <stdexcept>
#include <utility>

#include <troupe/gateway/detail/access.hpp>
#include <troupe/gateway/detail/conditional.hpp>
#include <troupe/gateway/detail/content.hpp>
#include <troupe/gateway/detail/current_context.hpp>
#include <troupe/gateway/detail/idempotency_key.hpp>
#include <troupe/gateway/failure_problem.hpp>
#include <troupe/gateway/trace.hpp>
#include <troupe/wire/etag.hpp>

namespace troupe::gateway {
namespace {

std::array<std::uint8_t, 16> random_id(loop::Loop& loop) {
  std::array<std::uint8_t, 16> id{};
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t bits = loop.shown_random() | 1;  // never all zero, which means "no trace"
    for (std::size_t i = 0; i < 8; ++i) id[half * 8 + i] = static_cast<std::uint8_t>(bits >> (8 * i));
  }
  return id;
}

std::string trace_id_of(const http::Request& request, loop::Loop& loop) {
  if (const auto sent = request.headers.find("traceparent")) {
    if (const auto context = parse_traceparent(*sent)) return to_hex(context->trace_id);
  }
  return to_hex(random_id(loop));
}

http::Response to_response(const Route& route, Answer&& answer, const http::Headers& request) {
  http::Response response;
  response.headers.reserve_bytes(256);
  response.status = answer.status;
  response.body = std::move(answer.body);
  if (!response.body.empty()) {
    response.headers.add("Content-Type", response.status < 400 ? "application/json" : "application/problem+json");
  }
  if (!answer.location.empty()) response.headers.add("Location", answer.location);
  if (answer.origin == Answer::Origin::replayed) response.headers.add("Idempotency-Replayed", "true");
  if (route.etag == Route::Tag::strong && response.status == 200) {
    detail::tag(response, etag_of(response.body), request);
  }
  return response;
}

}  // namespace

/// One request on its way through, with what was found out about it.
struct RoutedService::Exchange {
  loop::Loop& loop;
  http::Request request;
  http::Respond respond;
  Instant began;
  Shared<Origin> origin;  ///< as long as nobody is authenticated: the trace, and no principal
  std::string request_id;
  RouteTable::Match match{};
  const Route* route = nullptr;
  const detail::Page* page = nullptr;
  Principal principal{};

  Exchange(loop::Loop& loop, http::Request arrived, http::Respond respond)
      : loop(loop),
        request(std::move(arrived)),
        respond(std::move(respond)),
        began(loop.now()),
        origin(new Origin(Principal(), trace_id_of(request, loop))),
        request_id(gateway::request_id(request.headers.find("X-Request-Id"), random_id(loop))) {}

  ~Exchange() { forget_body(); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Once its message has been read: a secret is in the message alone then, which takes care of it. What was sent to no
  /// route may have been meant for one that takes secrets.
  void forget_body() {
    if (!route || route->action->takes_secrets()) wipe(request.body);
  }
  std::string_view methods() const { return match.resource ? match.resource->allowed() : detail::Pages::methods; }
};

RoutedService::RoutedService(engine::Engine& engine, std::shared_ptr<const RouteTable> routes,
                             std::shared_ptr<const TokenSigner> signer, Authenticator authenticator,
                             const IdempotencySecrets& secrets, RoutedServiceOptions options)
    : engine_(engine),
      routes_(std::move(routes)),
      signer_(std::move(signer)),
      authenticator_(std::move(authenticator)),
      secrets_(secrets),
      options_(std::move(options)),
      cors_(options_.allowed_origins),
      pages_(*routes_, options_.title, options_.version) {
  for (const auto& route : routes_->all()) {
    if (route->idempotency_key == Route::IdempotencyKey::honoured && !route->keeper) {
      throw std::logic_error(route->id + " honours Idempotency-Key, but its domain keeps none");
    }
  }
}

RoutedService::~RoutedService() = default;

void RoutedService::handle(http::Request request, http::Respond respond) {
  loop::Loop& loop = engine_.loop(request.loop);
  loop.refresh();
  auto exchange = std::make_unique<Exchange>(loop, std::move(request), std::move(respond));
  engine::RootOptions options{exchange->origin, exchange->began + options_.deadline};
  auto task = answer(*exchange);
  engine_.run(
      loop, std::move(options), std::move(task),
      [this, exchange = std::move(exchange)](Outcome<http::Response> outcome) { this->respond(*exchange, outcome); });
}

// handle() keeps the exchange beside the coroutines that refer to it.
// NOLINTBEGIN(cppcoreguidelines-avoid-reference-coroutine-parameters)
Task<http::Response> RoutedService::answer(Exchange& x) const {
  // One variable for all refusals: each would have its own place in the frame, which is to stay within the pool's
  // sizes.
  std::optional<Rejected> refused = find_resource(x);
  if (refused) co_return *std::move(refused);
  if (x.request.method == http::Method::options) co_return tell_methods(x);
  refused = find_route(x);
  if (refused) co_return *std::move(refused);

  if (const auto token = detail::presented_token(x.request.headers)) {
    Principal bearer = co_await authenticate(x, *token);
    x.principal = std::move(bearer);
  }
  if (x.page) co_return detail::to_response(*x.page, x.request.headers);

  refused = detail::refuse_access(x.route->access, x.principal, x.match.values);
  if (refused) co_return *std::move(refused);
  refused = detail::refuse_content(*x.route, x.request);
  if (refused) co_return *std::move(refused);

  Outcome<Task<Answer>> work = bind(x);
  x.forget_body();
  if (!work) co_return std::move(work).failure();
  Answer answer = co_await *std::move(work);
  co_return to_response(*x.route, std::move(answer), x.request.headers);
}

std::optional<Rejected> RoutedService::find_resource(Exchange& x) const {
  const std::string_view path = x.request.path();
  x.match = routes_->match(path);
  if (x.match.resource) return std::nullopt;
  x.page = pages_.find(path);
  if (x.page) return std::nullopt;
  return Rejected{"not_found", "nothing is at " + std::string(path)};
}

http::Response RoutedService::tell_methods(const Exchange& x) const {
  http::Response response;
  response.status = 204;
  response.headers.add("Allow", x.methods());
  cors_.answer_preflight(response, x.request.headers, x.methods());
  return response;
}

std::optional<Rejected> RoutedService::find_route(Exchange& x) {
  const http::Method method = x.request.method;
  if (x.match.resource) x.route = x.match.resource->find(method);
  const bool shows_page = x.page && (method == http::Method::get || method == http::Method::head);
  if (x.route || shows_page) return std::nullopt;
  return Rejected{"method_not_allowed", "see Allow"};
}

Task<Principal> RoutedService::authenticate(const Exchange& x, std::string_view token) const {
  const auto now = std::chrono::floor<std::chrono::seconds>(x.loop.wall_time());
  auto verified = signer_->verify(token, now);
  if (std::holds_alternative<TokenFault>(verified)) co_return Rejected{"unauthenticated", "the token is not valid"};

  Context& context = co_await detail::CurrentContext();
  context.act_for(Principal::of_node("gateway"));
  Task<Principal> asked = authenticator_(std::get<TokenClaims>(std::move(verified)));
  Outcome<Principal> bearer = co_await std::move(asked).outcome();
  if (bearer.rejected()) co_return Rejected{"unauthenticated", "the token's session has ended"};
  if (!bearer) co_return std::move(bearer).failure();
  context.act_for(*bearer);
  co_return *std::move(bearer);
}
// NOLINTEND(cppcoreguidelines-avoid-reference-coroutine-parameters)

Outcome<Task<Answer>> RoutedService::bind(const Exchange& x) const {
  Outcome<Task<Answer>> begun = begin(x);
  std::vector<Fault> faults;
  detail::check_idempotency_key(*x.route, x.request.headers, faults);
  if (x.route->etag == Route::Tag::strong) detail::check_if_none_match(x.request.headers, faults);
  if (!faults.empty()) {
    std::vector<Fault> all = begun.rejected("invalid") ? begun.failure().faults : std::vector<Fault>{};
    all.insert(all.end(), faults.begin(), faults.end());
    return detail::invalid(std::move(all));
  }
  const auto key = detail::idempotency_key(*x.route, x.request.headers);
  if (!begun || !key) return begun;
  return detail::perform_under_key(*x.route, x.request, x.principal, *key, secrets_);
}

Outcome<Task<Answer>> RoutedService::begin(const Exchange& x) const {
  const Incoming incoming{.principal = x.principal,
                          .path = x.match.values,
                          .query = x.request.query(),
                          .body = x.route->takes_body() ? std::string_view(x.request.body) : std::string_view(),
                          .headers = x.request.headers,
                          .operation = engine_.make_id_near(x.loop),  // new entities are named by it
                          .attempt = 0,
                          .under_key = false,
                          .deadline = x.began + options_.deadline,
                          .now = x.loop.wall_time(),
                          .json = routes_->json_limits()};
  std::string what = "an exception of an unknown type";
  try {
    return x.route->action->begin(incoming);
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    // The text above says what is known.
  }
  // The application's own functions threw: reported here, because the root's report would not say that it was one.
  if (options_.crashed) options_.crashed(what);
  return Failure::unknown(failure_code::actor_crashed, std::move(what));
}

void RoutedService::respond(Exchange& x, Outcome<http::Response>& outcome) const {
  http::Response response = outcome ? *std::move(outcome) : refusal(x, outcome.failure());
  response.headers.add("X-Request-Id", x.request_id);
  cors_.allow_origin(response, x.request.headers);
  if (options_.answered) {
    options_.answered(
        {x.route, x.request.method, response.status, x.loop.now() - x.began, x.origin->trace, x.request_id});
  }
  x.respond(std::move(response));
}

http::Response RoutedService::refusal(const Exchange& x, const Failure& failure) const {
  Problem problem = to_problem(failure, x.origin->trace);
  // Who rejects a message does not know where its fields came from.
  if (x.route && !problem.errors.empty()) detail::point_into_query(problem.errors, x.route->action->fields());
  http::Response response = gateway::to_response(routes_->problems(), problem);
  if (failure.rejected() && response.status == 500 && options_.crashed) {
    options_.crashed((x.route ? x.route->id : "a request") + " was rejected with the code '" + failure.code +
                     "', by which no problem goes: name it with problem() (trace " + x.origin->trace +
                     "): " + failure.detail);
  }
  const bool no_such_method = !x.route && failure.rejected() && failure.code == "method_not_allowed";
  if (no_such_method) response.headers.add("Allow", x.methods());
  return response;
}

http::Response RoutedService::refuse(const http::Refusal& refusal) {
  loop::Loop& loop = engine_.loop(refusal.loop);
  Problem problem;
  problem.code = code_of(refusal.code);
  problem.detail = refusal.detail;
  problem.trace_id = to_hex(random_id(loop));
  http::Response response = gateway::to_response(routes_->problems(), problem);
  response.headers.add("X-Request-Id", to_hex(random_id(loop)));
  return response;
}

void RoutedService::crashed(std::string_view what) noexcept {
  if (options_.crashed) options_.crashed(what);
}

}  // namespace troupe::gateway
