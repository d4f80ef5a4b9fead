#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <troupe/gateway/idempotency.hpp>
#include <troupe/gateway/route.hpp>
#include <troupe/http/http.hpp>

// The Idempotency-Key of a request, where its route honours one.
namespace troupe::gateway::detail {

std::optional<std::string_view> idempotency_key(const Route& route, const http::Headers& headers);

/// Adds what is wrong with it.
void check_idempotency_key(const Route& route, const http::Headers& headers, std::vector<Fault>& faults);

/// Asks the keeper of the route's keys to perform the request once, also where other gateways have not all of these
/// secrets, but one of them.
Task<Answer> perform_under_key(const Route& route, const http::Request& request, const Principal& principal,
                               std::string_view key, const IdempotencySecrets& secrets);

}  // namespace troupe::gateway::detail
