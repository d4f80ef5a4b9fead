#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/shop/eventually.hpp"

namespace shop::testing {

using Json = boost::json::value;

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
  Json json() const;
};

/// For messages of failed tests: the status, the headers and the body.
std::string describe(const Answer& answer);

/// The peer closed, reset, refused, or said nothing for too long.
class ConnectionLost : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Whether an answer brings the body that its headers announce; to HEAD it does not.
enum class Body { announced, absent };

/// One keep-alive HTTP/1.1 connection, written for tests: it sends any bytes, and never repeats a request by itself.
///
/// A connection that the peer closed between two exchanges is opened anew.
class Connection {
 public:
  explicit Connection(std::string address, std::chrono::milliseconds limit = patience);
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&&) = delete;

  Answer exchange(const Request& request);

  void write(std::string_view bytes);
  void end_of_input();  ///< nothing more will be written
  Answer read(Body body = Body::announced);
  std::string read_to_end();
  bool closed_by_peer();
  void close();

 private:
  void open();
  bool stale() const;
  bool receive();  ///< false at the end of the stream
  std::string take_line();
  std::string take(std::size_t count);
  std::string take_chunks();

  std::string address_;
  std::chrono::milliseconds limit_;
  int socket_ = -1;
  std::string received_;
};

/// A text as the value of a query parameter or one segment of a path: all but letters, digits and "-._~" is escaped.
std::string escaped(std::string_view text);

/// The bytes of a request, with Host and Content-Length added where they are missing.
std::string bytes_of(const Request& request);

}  // namespace shop::testing
