#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::http {

/// The methods that the gateway tells apart; any other token is `other`.
enum class Method : std::uint8_t { get, head, post, put, patch, delete_, options, other };

std::string_view to_string(Method method);

/// Header fields in the order of their arrival, names compared without regard to ASCII case.
///
/// The fields are kept as the lines that HTTP/1.1 sends, so that writing an answer copies them in one piece.
class Headers {
 public:
  struct Field {
    std::string_view name;
    std::string_view value;
  };

  /// Adds a field, also beside others of that name. A control character in a value becomes a space: no value can
  /// end its line and begin another.
  void add(std::string_view name, std::string_view value);

  /// The first field of that name.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;

  std::size_t size() const { return fields_.size(); }
  bool empty() const { return fields_.empty(); }
  Field operator[](std::size_t index) const;

  /// Every field as `Name: value` and CRLF.
  std::string_view lines() const { return lines_; }
  void reserve_bytes(std::size_t bytes) { lines_.reserve(bytes); }

 private:
  struct FieldSpan {
    std::uint32_t begin;
    std::uint32_t name_size;
    std::uint32_t value_size;
  };

  std::string lines_;
  boost::container::small_vector<FieldSpan, 12> fields_;
};

/// Who is at the other end of the connection.
struct PeerAddress {
  std::array<std::uint8_t, 16> bytes{};  ///< network order; IPv4 takes the first four
  std::uint8_t size = 0;                 ///< 4 or 16; 0: unknown
  std::uint16_t port = 0;

  /// `127.0.0.1:4711` or `[::1]:4711`; empty when unknown.
  std::string to_string() const;
};

/// Whether `Request::body` is what the client sent.
enum class BodyState : std::uint8_t {
  complete,
  too_large,  ///< over the limit; it was read and dropped, and `Request::body` is empty
};

/// One request, header and body, as received: nothing in it is decoded.
struct Request {
  Method method = Method::get;
  std::string method_name;  ///< as sent: tells what `Method::other` is
  std::string target;       ///< the request-target as sent
  Headers headers;
  std::string body;
  BodyState body_state = BodyState::complete;
  PeerAddress peer;
  std::size_t loop = 0;  ///< index of the loop that serves the connection

  /// The target's path, still percent-encoded; `*` for `OPTIONS *`.
  std::string_view path() const;
  /// What follows the target's `?`, still percent-encoded; empty where there is none.
  std::string_view query() const;
};

/// One answer. The server writes Content-Length, Connection and Date itself, and leaves the body out where HTTP wants
/// none (HEAD, 204, 304): a service answers HEAD with the body that GET would get.
struct Response {
  std::uint16_t status = 200;
  Headers headers;
  std::string body;
};

/// The phrase that goes with a status code; empty for one that has none.
std::string_view reason_phrase(std::uint16_t status);

/// Equal without regard to ASCII case.
bool equal_ignoring_case(std::string_view a, std::string_view b);

}  // namespace troupe::http
