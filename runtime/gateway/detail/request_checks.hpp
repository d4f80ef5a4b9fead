#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/gateway/route.hpp>
#include <troupe/http/http.hpp>

// What a service looks up in a request's fields, and adds to an answer's.
namespace troupe::gateway::detail {

struct PresentedToken {
  bool presented = false;
  std::string_view text;  ///< empty where the field is not `Bearer` and one token
};
PresentedToken presented_token(const http::Headers& headers);

bool may_enter(const Access& access, const Principal& principal, const PathValues& path);

/// `application/json`, at most with `charset=utf-8`; not compressed or otherwise encoded.
bool is_json(const http::Headers& headers);

/// What is wrong with those fields that the route looks at besides its message's.
std::vector<Fault> header_faults(const Route& route, const http::Headers& headers);

/// Adds the ETag; turns the answer into a 304 where If-None-Match has it.
void tag(http::Response& response, const std::string& etag, const http::Headers& request);

void answer_preflight(http::Response& response, const http::Headers& request,
                      const std::vector<std::string>& allowed_origins);
void allow_origin(http::Response& response, const http::Headers& request,
                  const std::vector<std::string>& allowed_origins);

}  // namespace troupe::gateway::detail
