#pragma once

#include <optional>

#include <troupe/contract/failure.hpp>
#include <troupe/gateway/route.hpp>
#include <troupe/http/http.hpp>

namespace troupe::gateway::detail {

/// The refusal of a body that is over the limit (`too_large`) or, where the route takes one, no JSON text
/// (`unsupported_media`).
std::optional<Rejected> refuse_content(const Route& route, const http::Request& request);

}  // namespace troupe::gateway::detail
