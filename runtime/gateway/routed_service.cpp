#include <troupe/gateway/routed_service.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <troupe/gateway/detail/request_checks.hpp>
#include <troupe/gateway/docs_page.hpp>
#include <troupe/gateway/failure_problem.hpp>
#include <troupe/gateway/openapi.hpp>
#include <troupe/gateway/trace.hpp>
#include <troupe/wire/etag.hpp>

namespace troupe::gateway {
namespace {

std::array<std::uint8_t, 16> random_id(loop::Loop& loop) {
  std::array<std::uint8_t, 16> id{};
  for (std::size_t half = 0; half < 2; ++half) {
    const std::uint64_t bits = loop.random() | 1;  // never all zero, which means "no trace"
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

/// Its work, made by the application's functions: whatever they throw must not reach the loop.
Outcome<Task<Answer>> begun_by(const Action& action, const Incoming& incoming,
                               const std::function<void(std::string_view)>& crashed) {
  std::string what = "an exception of an unknown type";
  try {
    return action.begin(incoming);
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    // The text above says what is known.
  }
  if (crashed) crashed(what);
  return Failure(Failure::Kind::unknown, std::string(failure_code::actor_crashed), std::move(what));
}

std::string own_path(const http::Request& request) { return std::string(request.path()); }

}  // namespace

/// One request on its way through, with what was found out about it.
struct RoutedService::Exchange {
  loop::Loop& loop;
  http::Request request;
  http::Respond respond;
  Instant began;
  std::string trace_id;
  std::string request_id;
  RouteTable::Match match{};
  const Route* route = nullptr;
  const Page* page = nullptr;
  Principal principal{};

  Exchange(loop::Loop& loop, http::Request arrived, http::Respond respond)
      : loop(loop),
        request(std::move(arrived)),
        respond(std::move(respond)),
        began(loop.now()),
        trace_id(trace_id_of(request, loop)),
        request_id(gateway::request_id(request.headers.find("X-Request-Id"), random_id(loop))) {}
};

/// A document of the gateway's own.
struct RoutedService::Page {
  std::string path;
  std::string content_type;
  std::string body;
  std::string etag;
};

RoutedService::RoutedService(engine::Engine& engine, std::shared_ptr<const RouteTable> routes,
                             std::shared_ptr<const TokenSigner> signer, Authenticator authenticator,
                             const IdempotencySecret& secret, RoutedServiceOptions options)
    : engine_(engine),
      routes_(std::move(routes)),
      signer_(std::move(signer)),
      authenticator_(std::move(authenticator)),
      secret_(secret),
      options_(std::move(options)) {
  for (const auto& route : routes_->all()) {
    if (route->idempotency_key == Route::IdempotencyKey::honoured && !route->keeper) {
      throw std::logic_error(route->id + " honours Idempotency-Key, but its domain keeps none");
    }
  }
  std::string description = openapi_document(*routes_, options_.title, options_.version);
  std::string tag = etag_of(description);
  pages_.push_back({"/openapi.json", "application/json", std::move(description), std::move(tag)});
  std::string page = docs_page(options_.title);
  tag = etag_of(page);
  pages_.push_back({"/docs", "text/html; charset=utf-8", std::move(page), std::move(tag)});
}

RoutedService::~RoutedService() = default;

void RoutedService::handle(http::Request request, http::Respond respond) {
  loop::Loop& loop = engine_.loop(request.loop);
  loop.refresh();
  auto exchange = std::make_unique<Exchange>(loop, std::move(request), std::move(respond));
  const std::string_view path = exchange->request.path();
  exchange->match = routes_->match(path);
  if (!exchange->match.place) {
    exchange->page = find_page(path);
    if (exchange->page) return open_page(std::move(exchange));
    std::string why = "nothing is at " + own_path(exchange->request);
    return refuse(std::move(exchange), "not_found", std::move(why));
  }
  if (exchange->request.method == http::Method::options) return tell_methods(std::move(exchange));
  exchange->route = exchange->match.place->find(exchange->request.method);
  if (!exchange->route) return refuse(std::move(exchange), "method_not_allowed", "see Allow");
  check_token(std::move(exchange));
}

void RoutedService::check_token(std::unique_ptr<Exchange> exchange) {
  const auto token = detail::presented_token(exchange->request.headers);
  if (!token.presented) return authenticated(std::move(exchange));
  const auto now = std::chrono::floor<std::chrono::seconds>(exchange->loop.wall_time());
  auto verified = signer_->verify(token.text, now);
  if (std::holds_alternative<TokenFault>(verified)) {
    return refuse(std::move(exchange), "unauthenticated", "the token is not valid");
  }
  const engine::RootOptions options{Shared<Origin>(new Origin(Principal::of_node("gateway"), exchange->trace_id)),
                                    exchange->began + options_.deadline};
  loop::Loop& loop = exchange->loop;
  auto task = authenticator_(std::get<TokenClaims>(std::move(verified)));
  engine_.run(loop, options, std::move(task),
              [this, exchange = std::move(exchange)](Outcome<Principal> bearer) mutable {
                if (bearer.rejected()) {
                  return refuse(std::move(exchange), "unauthenticated", "the token's session has ended");
                }
                if (!bearer) return answer(std::move(exchange), std::move(bearer).failure());
                exchange->principal = *std::move(bearer);
                authenticated(std::move(exchange));
              });
}

void RoutedService::authenticated(std::unique_ptr<Exchange> exchange) {
  const Exchange& x = *exchange;
  if (x.page) return serve(*x.page, std::move(exchange));
  const bool signed_in = x.principal.kind == Principal::Kind::user;
  if (x.route->access.kind != Access::Kind::anyone && !signed_in) {
    return refuse(std::move(exchange), "unauthenticated", "a token is required: Authorization: Bearer");
  }
  if (!detail::may_enter(x.route->access, x.principal, x.match.values)) {
    return refuse(std::move(exchange), "forbidden", "this is not yours to do");
  }
  if (x.request.body_state == http::BodyState::too_large) {
    return refuse(std::move(exchange), "too_large", "the body is over the limit");
  }
  if (x.route->takes_body() && !x.request.body.empty() && !detail::is_json(x.request.headers)) {
    return refuse(std::move(exchange), "unsupported_media", "the body must be application/json, without an encoding");
  }
  ask(std::move(exchange));
}

Outcome<Task<Answer>> RoutedService::begin(Exchange& x) const {
  // New entities are named by it.
  const Uuid operation = engine_.make_id_near(x.loop);
  const Incoming incoming{.principal = x.principal,
                          .path = x.match.values,
                          .query = x.request.query(),
                          .body = x.route->takes_body() ? std::string_view(x.request.body) : std::string_view(),
                          .headers = x.request.headers,
                          .operation = operation,
                          .attempt = 0,
                          .under_key = false,
                          .deadline = x.began + options_.deadline,
                          .now = x.loop.wall_time(),
                          .json = routes_->json_limits()};
  auto begun = begun_by(*x.route->action, incoming, options_.crashed);
  const auto faults = detail::header_faults(*x.route, x.request.headers);
  if (!faults.empty()) {
    std::vector<Fault> all = begun.rejected("invalid") ? begun.failure().faults : std::vector<Fault>{};
    all.insert(all.end(), faults.begin(), faults.end());
    return detail::invalid(std::move(all));
  }
  const auto key = x.request.headers.find("Idempotency-Key");
  if (!begun || !key || x.route->idempotency_key == Route::IdempotencyKey::ignored) return begun;

  Perform request;
  request.method = to_string(x.route->method);
  request.target = x.request.path();
  if (!x.request.query().empty()) request.target.append("?").append(x.request.query());
  request.body = x.request.body;
  // Where nobody is signed in, two strangers may choose one key: theirs is told apart by the request.
  const std::string name = x.principal.kind == Principal::Kind::user
                               ? keyed_digest(secret_, {"user", to_text(x.principal.user), *key})
                               : keyed_digest(secret_, {"anyone", *key, request.method, request.target, request.body});
  return perform_once(x.route->keeper->envelope(Key(name), std::move(request)));
}

void RoutedService::ask(std::unique_ptr<Exchange> exchange) {
  auto begun = begin(*exchange);
  if (!begun) return answer(std::move(exchange), std::move(begun).failure());
  loop::Loop& loop = exchange->loop;
  engine::RootOptions options{Shared<Origin>(new Origin(exchange->principal, exchange->trace_id)),
                              exchange->began + options_.deadline};
  engine_.run(loop, std::move(options), *std::move(begun),
              [this, exchange = std::move(exchange)](Outcome<Answer> outcome) mutable {
                answer(std::move(exchange), std::move(outcome));
              });
}

void RoutedService::answer(std::unique_ptr<Exchange> exchange, Outcome<Answer> outcome) {
  if (!outcome) {
    http::Response refusal = to_response(routes_->problems(), to_problem(outcome.failure(), exchange->trace_id));
    return finish(std::move(exchange), std::move(refusal));
  }
  http::Response response;
  response.headers.reserve_bytes(256);
  response.status = outcome->status;
  response.body = std::move(outcome->body);
  if (!response.body.empty()) {
    response.headers.add("Content-Type", response.status < 400 ? "application/json" : "application/problem+json");
  }
  if (!outcome->location.empty()) response.headers.add("Location", outcome->location);
  if (outcome->origin == Answer::Origin::replayed) response.headers.add("Idempotency-Replayed", "true");
  if (exchange->route->etag == Route::Tag::strong && response.status == 200) {
    detail::tag(response, etag_of(response.body), exchange->request.headers);
  }
  finish(std::move(exchange), std::move(response));
}

void RoutedService::refuse(std::unique_ptr<Exchange> exchange, std::string_view code, std::string detail) {
  Problem problem;
  problem.code = code;
  problem.detail = std::move(detail);
  problem.trace_id = exchange->trace_id;
  http::Response response = to_response(routes_->problems(), problem);
  if (code == "method_not_allowed") {
    response.headers.add("Allow", exchange->match.place ? exchange->match.place->allowed() : "GET, HEAD, OPTIONS");
  }
  finish(std::move(exchange), std::move(response));
}

void RoutedService::tell_methods(std::unique_ptr<Exchange> exchange) {
  http::Response response;
  response.status = 204;
  response.headers.add("Allow", exchange->match.place ? exchange->match.place->allowed() : "GET, HEAD, OPTIONS");
  detail::answer_preflight(response, exchange->request.headers, options_.allowed_origins);
  finish(std::move(exchange), std::move(response));
}

void RoutedService::finish(std::unique_ptr<Exchange> exchange, http::Response response) {
  response.headers.add("X-Request-Id", exchange->request_id);
  if (!options_.allowed_origins.empty()) {
    detail::allow_origin(response, exchange->request.headers, options_.allowed_origins);
  }
  if (options_.exchanged) {
    options_.exchanged({exchange->route, exchange->request.method, response.status,
                        exchange->loop.now() - exchange->began, exchange->trace_id, exchange->request_id});
  }
  exchange->respond(std::move(response));
}

const RoutedService::Page* RoutedService::find_page(std::string_view path) const {
  const auto found = std::find_if(pages_.begin(), pages_.end(), [&](const Page& page) { return page.path == path; });
  return found == pages_.end() ? nullptr : &*found;
}

void RoutedService::open_page(std::unique_ptr<Exchange> exchange) {
  const http::Method method = exchange->request.method;
  if (method == http::Method::options) return tell_methods(std::move(exchange));
  if (method != http::Method::get && method != http::Method::head) {
    return refuse(std::move(exchange), "method_not_allowed", "see Allow");
  }
  check_token(std::move(exchange));
}

void RoutedService::serve(const Page& page, std::unique_ptr<Exchange> exchange) {
  http::Response response;
  response.headers.add("Content-Type", page.content_type);
  response.body = page.body;
  detail::tag(response, page.etag, exchange->request.headers);
  finish(std::move(exchange), std::move(response));
}

http::Response RoutedService::refuse(const http::Refusal& refusal) {
  loop::Loop& loop = engine_.loop(refusal.loop);
  Problem problem;
  problem.code = code_of(refusal.code);
  problem.detail = refusal.detail;
  problem.trace_id = to_hex(random_id(loop));
  http::Response response = to_response(routes_->problems(), problem);
  response.headers.add("X-Request-Id", to_hex(random_id(loop)));
  return response;
}

void RoutedService::crashed(std::string_view what) noexcept {
  if (options_.crashed) options_.crashed(what);
}

}  // namespace troupe::gateway
