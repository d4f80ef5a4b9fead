#include <troupe/gateway/idempotency.hpp>

#include <sodium.h>

#include <algorithm>
#include <stdexcept>

#include <troupe/actor/ask_envelope.hpp>
#include <troupe/gateway/detail/action.hpp>
#include <troupe/gateway/detail/current_context.hpp>
#include <troupe/gateway/failure_problem.hpp>

namespace troupe::gateway {
namespace {

std::optional<http::Method> method_of(std::string_view name) {
  for (const http::Method method :
       {http::Method::post, http::Method::put, http::Method::patch, http::Method::delete_}) {
    if (to_string(method) == name) return method;
  }
  return std::nullopt;
}

Performed failed(Failure failure) {
  Performed performed;
  performed.failure =
      FailedAttempt{failure.kind, std::move(failure.code), std::move(failure.detail), std::move(failure.faults)};
  return performed;
}

}  // namespace

std::string keyed_digest(const IdempotencySecret& secret, std::initializer_list<std::string_view> parts) {
  std::array<std::uint8_t, 32> hash{};
  crypto_generichash_state state;
  crypto_generichash_init(&state, secret.data(), secret.size(), hash.size());
  for (const std::string_view part : parts) {
    // The length before each part, so that no two lists of parts are one text.
    const std::uint64_t size = part.size();
    std::array<std::uint8_t, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i) length[i] = static_cast<std::uint8_t>(size >> (8 * i));
    crypto_generichash_update(&state, length.data(), length.size());
    crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  crypto_generichash_final(&state, hash.data(), hash.size());
  std::string text(2 * hash.size() + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), hash.data(), hash.size());
  text.pop_back();
  return text;
}

std::string IdempotencyLogic::digest(const Perform& request) const {
  return keyed_digest(secrets_.front(), {request.method, request.target, request.body});
}

bool IdempotencyLogic::is_of(const Perform& request, std::string_view digest) const {
  return std::ranges::any_of(secrets_, [&](const IdempotencySecret& secret) {
    return keyed_digest(secret, {request.method, request.target, request.body}) == digest;
  });
}

Task<Performed> IdempotencyLogic::perform(Perform request, Principal principal, Uuid operation,
                                          std::uint16_t attempt) const {
  Context& context = co_await detail::CurrentContext();
  http::Request http;
  http.target = std::move(request.target);
  const auto match = routes_->match(http.path());
  const auto method = method_of(request.method);
  const Route* route = match.resource && method ? match.resource->find(*method) : nullptr;
  if (!route) {
    co_return failed(Failure::not_executed(failure_code::unavailable, "no such route here"));
  }
  const Incoming incoming{.principal = principal,
                          .path = match.values,
                          .query = http.query(),
                          .body = request.body,
                          .headers = http.headers,
                          .operation = operation,
                          .attempt = attempt,
                          .under_key = true,
                          .deadline = context.deadline(),
                          .now = context.wall_time(),
                          .json = routes_->json_limits()};
  auto begun = route->action->begin(incoming);
  if (!begun) co_return failed(std::move(begun).failure());
  Outcome<Answer> outcome = co_await (*std::move(begun)).outcome();
  Performed performed;
  if (outcome) {
    performed.status = outcome->status;
    performed.body = std::move(outcome->body);
    performed.location = std::move(outcome->location);
    co_return performed;
  }
  const Problem problem = to_problem(outcome.failure(), context.origin()->trace);
  http::Response response = to_response(routes_->problems(), problem);
  if (!outcome.rejected() || !is_final(response.status)) co_return failed(std::move(outcome).failure());
  performed.status = response.status;
  performed.body = std::move(response.body);
  co_return performed;
}

Task<Answer> perform_once(EnvelopePtr envelope) {
  AskEnvelope asked(std::move(envelope));
  const EnvelopePtr answered = co_await asked;
  Performed performed = std::move(*static_cast<TypedEnvelope<Perform>&>(*answered).reply);
  if (performed.failure) {
    FailedAttempt& failed = *performed.failure;
    co_return Failure(failed.kind, std::move(failed.code), std::move(failed.detail), std::move(failed.faults));
  }
  Answer answer;
  answer.status = performed.status;
  answer.body = std::move(performed.body);
  answer.location = std::move(performed.location);
  if (performed.replayed != 0) answer.origin = Answer::Origin::replayed;
  co_return answer;
}

}  // namespace troupe::gateway
