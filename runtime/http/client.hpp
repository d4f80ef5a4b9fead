#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/http/http.hpp>

namespace boost::asio {
class io_context;
}

namespace troupe::http {

/// A request to a server, and what its answer may take.
struct ClientRequest {
  std::string host;  ///< a name or an address, without brackets
  std::uint16_t port = 80;
  Method method = Method::get;  ///< any but `other`
  std::string target = "/";     ///< as it is sent: what needs it is percent-encoded already
  Headers headers;              ///< beside Host, Connection and Content-Length, which the client writes
  std::string body;
  std::chrono::milliseconds deadline{10'000};     ///< from here to the last byte of the answer
  std::size_t max_body_bytes = 16 * 1024 * 1024;  ///< of the answer; more is `too_large`
};

/// Why a request has no answer.
struct ClientFailure {
  enum class Kind : std::uint8_t {
    invalid,      ///< the request's target cannot be sent
    unreachable,  ///< no connection came about: nothing was sent
    closed,       ///< the server ended the connection without a byte of an answer
    cut_short,    ///< the connection ended inside the answer
    malformed,    ///< what answers does not speak HTTP/1.1
    too_large,
    timeout,
  };
  Kind kind = Kind::unreachable;
  std::string detail;  ///< what the system or the parser says
};

using ClientResult = std::variant<Response, ClientFailure>;

/// Sends HTTP/1.1 requests, each over a connection of its own.
///
///     Client client(loop);
///     client.send({.host = "127.0.0.1", .port = 9101, .target = "/readyz"}, [](ClientResult result) { … });
///
/// Redirects are answers like any other. A name is looked up off the loop.
/// Threads: of its loop. Lifetime: the loop outlives the client's last request, not the client itself.
/// Source: RFC 9110 and 9112.
class Client {
 public:
  explicit Client(boost::asio::io_context& loop) : loop_(loop) {}

  /// Calls `done` once, from the loop's queue; not at all where the loop stops first.
  void send(ClientRequest request, std::function<void(ClientResult)> done);

 private:
  boost::asio::io_context& loop_;
};

/// Sends all requests at the same time and returns the results in their order, for programs without a loop. Blocks, at
/// most for the longest deadline and for as long as names are looked up.
std::vector<ClientResult> send_all(std::vector<ClientRequest> requests);

}  // namespace troupe::http
