#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/gateway/route_table.hpp>
#include <troupe/http/http.hpp>

namespace troupe::gateway::detail {

/// A document of the gateway's own.
struct Page {
  std::string path;
  std::string content_type;
  std::string body;
  std::string etag;
};

/// /openapi.json and /docs. They answer GET and HEAD, to anyone.
class Pages {
 public:
  static constexpr std::string_view methods = "GET, HEAD, OPTIONS";

  Pages(const RouteTable& routes, std::string_view title, std::string_view version);

  /// Null where no page is at this path.
  const Page* find(std::string_view path) const;

 private:
  std::vector<Page> pages_;
};

http::Response to_response(const Page& page, const http::Headers& request);

}  // namespace troupe::gateway::detail
