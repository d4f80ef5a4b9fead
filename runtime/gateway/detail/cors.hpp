#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/http.hpp>

namespace troupe::gateway::detail {

/// Lets pages of other sites read answers. Source: the Fetch standard, 3.2 (CORS protocol).
class Cors {
 public:
  /// `*` among the origins allows any; without origins, answers have no CORS fields at all.
  explicit Cors(std::vector<std::string> allowed_origins) : allowed_(std::move(allowed_origins)) {}

  /// Adds what a browser asks before it sends a request: `methods` is the value of Allow.
  void answer_preflight(http::Response& response, const http::Headers& request, std::string_view methods) const;
  /// Adds what every answer tells of who may read it.
  void allow_origin(http::Response& response, const http::Headers& request) const;

 private:
  bool allows(std::string_view origin) const;

  std::vector<std::string> allowed_;
};

}  // namespace troupe::gateway::detail
