#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/http/limits.hpp>
#include <troupe/http/service.hpp>

namespace boost::asio {
class io_context;
}

namespace troupe::http {

struct ServerOptions {
  Limits limits;
  /// Tells the time for the Date field; without it, answers have none.
  std::function<std::chrono::system_clock::time_point()> wall_clock;
};

/// The server cannot listen where it was told to; the text names the address.
class ListenError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What a server has done since its start.
struct ServerStats {
  std::uint64_t open_connections = 0;
  std::uint64_t accepted = 0;
  std::uint64_t refused_connections = 0;  ///< over the limit of connections
  std::uint64_t requests = 0;             ///< handed to the service
  std::uint64_t in_flight = 0;            ///< requests whose answer has not gone out, of open connections
  std::uint64_t refusals = 0;             ///< answered by the server itself
  std::uint64_t timeouts = 0;             ///< connections ended by a time limit
  std::uint64_t crashes = 0;              ///< exceptions of the service
};

/// HTTP/1.1 over TCP: reads requests, hands them to a Service, writes its answers in order.
///
/// Connections are spread over the loops in turn and stay on theirs.
///
///     Server server({&loop}, service);
///     server.listen("127.0.0.1:8080");
///     loop.run();
///
/// Threads: `drain` and `stats` from any; the rest while the loops do not run, or on the first one. Each loop is run
/// by one thread.
/// Lifetime: loops and service outlive the server. It is destroyed after it has drained, or when its loops no longer
/// run.
/// Source: RFC 9112; the name and shape of limits from nginx.
class Server {
 public:
  Server(std::vector<boost::asio::io_context*> loops, Service& service, ServerOptions options = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Begins to accept on `host:port` (`[host]:port` for IPv6); port 0 lets the system choose.
  /// Errors: throws ListenError.
  void listen(std::string_view address);
  /// The real address of the last `listen`, as `host:port`.
  std::string address() const;
  std::uint16_t port() const;

  /// Accepts those who have begun to connect and no more, finishes the requests in flight and those that come at once
  /// from who has not asked yet, closes; after `bound` whatever is left is cut. Then calls `done`, on the first loop.
  /// To be called once.
  void drain(std::chrono::milliseconds bound, std::function<void()> done);

  ServerStats stats() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace troupe::http
