#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/http_client/message.hpp"
#include "tests/process/eventually.hpp"

namespace troupe::http_client {

/// The peer closed, reset, refused, or said nothing for too long.
class ConnectionLost : public std::runtime_error {
 public:
  enum class Why { ended, timed_out };
  explicit ConnectionLost(const std::string& what, Why why = Why::ended) : std::runtime_error(what), why_(why) {}
  Why why() const { return why_; }

 private:
  Why why_;
};

/// Whether an answer brings the body that its headers announce; to HEAD it does not.
enum class Body { announced, absent };

/// One keep-alive HTTP/1.1 connection, written for tests: it sends any bytes, and never repeats a request by itself.
///
/// It opens with the first bytes that are written. `exchange` opens anew what the peer closed between two exchanges.
/// Errors: ConnectionLost, also when a wait takes longer than the limit; std::runtime_error for an answer that is not
/// HTTP, or has a field twice.
class Connection {
 public:
  explicit Connection(std::string address, std::chrono::milliseconds limit = process::patience);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;

  Answer exchange(const Request& request);

  void open();
  void write(std::string_view bytes);
  /// Writes what the peer takes; false once it no longer does.
  bool try_write(std::string_view bytes);
  void end_of_input();  ///< nothing more will be written
  Answer read(Body body = Body::announced);
  std::string read_to_end();
  /// Waits for it; whether the peer has ended the connection, in order or not, and whatever it said before.
  bool closed_by_peer();
  /// Waits for it; whether the peer has ended the connection in order, with nothing before the end.
  bool ended_in_order();
  void close();
  void reset();  ///< closes such that the peer is told at once

 private:
  bool stale() const;
  void await(short event) const;
  bool receive();  ///< false at the end of the stream

  std::string address_;
  std::chrono::milliseconds limit_;
  int socket_ = -1;
  std::string received_;
};

}  // namespace troupe::http_client
