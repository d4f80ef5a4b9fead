#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::http_client {

struct Header {
  std::string name;
  std::string value;
};
using Headers = std::vector<Header>;

struct Request {
  std::string method;
  std::string target;
  std::string body;
  Headers headers;
};

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;

  /// Its value, found without regard to case; nothing when there is no such header.
  std::optional<std::string> header(std::string_view name) const;

  /// The body parsed. Errors: std::runtime_error when it is not JSON.
  boost::json::value json() const;
};

/// For messages of failed tests: the status, the headers and the body.
std::string describe(const Answer& answer);

/// A text as the value of a query parameter or one segment of a path: all but letters, digits and "-._~" is escaped.
std::string escaped(std::string_view text);

/// The bytes of a request, with Host and Content-Length added where they are missing.
std::string bytes_of(const Request& request);

}  // namespace troupe::http_client
