#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/http.hpp>
#include <troupe/wire/fault.hpp>

// Conditional requests. Source: RFC 9110, 13.
namespace troupe::gateway::detail {

/// The entity tags of If-Match. False where the request has none, or it is malformed, which is added to the faults.
bool read_if_match(const http::Headers& headers, std::vector<std::string>& tags, std::vector<Fault>& faults);

/// Adds what is wrong with the request's If-None-Match.
void check_if_none_match(const http::Headers& headers, std::vector<Fault>& faults);

/// Adds the ETag; turns the answer into a 304 where the request's If-None-Match has it.
void tag(http::Response& response, const std::string& etag, const http::Headers& request);

}  // namespace troupe::gateway::detail
