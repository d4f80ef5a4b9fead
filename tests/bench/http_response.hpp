#pragma once

#include <cstddef>
#include <string_view>

namespace troupe::bench {

enum class Framing { incomplete, complete, malformed };

/// The first HTTP/1.1 answer at the front of a buffer, as far as a load generator needs to know it.
///
/// Reads the status line, `Content-Length` and `Connection` and nothing else, so that the client's share of the
/// machine stays small. An answer in chunks counts as malformed: no server that is measured here sends any.
struct ResponseFrame {
  Framing framing = Framing::incomplete;
  unsigned status = 0;
  std::size_t bytes = 0;  ///< Header and body together, once complete.
  bool closes = false;    ///< The server will not take another request on this connection.
};

ResponseFrame read_response(std::string_view buffer);

}  // namespace troupe::bench
