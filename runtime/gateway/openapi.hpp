#pragma once

#include <string>
#include <string_view>

#include <troupe/gateway/route_table.hpp>

namespace troupe::gateway {

/// The description of all routes. Source: OpenAPI 3.1.0, JSON Schema 2020-12.
std::string openapi_document(const RouteTable& routes, std::string_view title, std::string_view version);

}  // namespace troupe::gateway
