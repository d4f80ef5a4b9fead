#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::bench {

/// A request as bytes, ready to be sent again and again. An empty `token` sends no Authorization, an empty `body`
/// none.
std::string format_request(std::string_view method, std::string_view target, std::string_view token,
                           std::string_view body);

struct HttpAnswer {
  unsigned status = 0;
  std::string body;
};

/// One blocking call on a connection of its own, for setting things up before the load.
/// Errors: throws when the server cannot be reached or breaks the connection.
HttpAnswer http_call(std::uint16_t port, std::string_view request);

}  // namespace troupe::bench
