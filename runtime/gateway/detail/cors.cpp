#include <troupe/gateway/detail/cors.hpp>

#include <algorithm>

namespace troupe::gateway::detail {

bool Cors::allows(std::string_view origin) const {
  return std::any_of(allowed_.begin(), allowed_.end(), [&](const std::string& a) { return a == "*" || a == origin; });
}

void Cors::answer_preflight(http::Response& response, const http::Headers& request, std::string_view methods) const {
  const auto origin = request.find("Origin");
  const auto method = request.find("Access-Control-Request-Method");
  if (!origin || !method || !allows(*origin)) return;
  response.headers.add("Access-Control-Allow-Methods", methods);
  response.headers.add("Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, "
                       "traceparent");
  response.headers.add("Access-Control-Max-Age", "600");
}

void Cors::allow_origin(http::Response& response, const http::Headers& request) const {
  if (allowed_.empty()) return;
  response.headers.add("Vary", "Origin");
  const auto origin = request.find("Origin");
  if (!origin || !allows(*origin)) return;
  response.headers.add("Access-Control-Allow-Origin", *origin);
  response.headers.add("Access-Control-Expose-Headers",
                       "ETag, Location, Retry-After, Idempotency-Replayed, X-Request-Id");
}

}  // namespace troupe::gateway::detail
