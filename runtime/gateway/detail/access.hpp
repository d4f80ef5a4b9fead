#pragma once

#include <optional>
#include <string_view>

#include <troupe/contract/failure.hpp>
#include <troupe/gateway/route.hpp>
#include <troupe/http/http.hpp>

// Who asks, and whether that may be.
namespace troupe::gateway::detail {

/// The bearer token of a request. Nothing: it has no Authorization. Empty text: its Authorization is not `Bearer` and
/// one token.
std::optional<std::string_view> presented_token(const http::Headers& headers);

/// The refusal, `unauthenticated` or `forbidden`; nothing where the principal may use the route.
std::optional<Rejected> refuse_access(const Access& access, const Principal& principal, const PathValues& path);

}  // namespace troupe::gateway::detail
