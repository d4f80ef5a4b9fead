#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/http/http.hpp>
#include <troupe/http/limits.hpp>
#include <troupe/http/service.hpp>
#include <troupe/wire/secret.hpp>

namespace troupe::http {

/// Turns the bytes of one request into a Request; Beast's parser, with our strictness added where it is lenient
/// (Host, Transfer-Encoding, the size of a header that arrives in pieces).
///
/// One parser for one request: emplace a new one for the next.
/// Source: RFC 9112.
class RequestParser final : private boost::beast::http::basic_parser<true> {
  using Base = boost::beast::http::basic_parser<true>;

 public:
  enum class State : std::uint8_t { partial, complete, refused };

  struct Step {
    std::size_t consumed = 0;
    State state = State::partial;
    RefusalCode code = RefusalCode::invalid;  ///< when refused
    std::string detail;                       ///< when refused
  };

  /// Lifetime: the limits outlive the parser.
  explicit RequestParser(const Limits& limits);
  /// What came of a body that nobody took may hold a secret: it is overwritten.
  ~RequestParser() { wipe(request_.body); }
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// Reads on. What was not consumed comes first in the next call.
  Step feed(std::string_view bytes);

  bool header_done() const { return Base::is_header_done(); }
  /// The client waits for `100 Continue` before it sends a body.
  bool expects_continue() const { return expects_continue_; }
  /// Kept so far of the body.
  std::size_t body_bytes() const { return request_.body.size(); }
  bool body_too_large() const { return request_.body_state == BodyState::too_large; }
  /// Ends the message here: the client has said that its body is too large, and has not sent it.
  void cut_body() { cut_ = true; }

  /// After State::complete, or cut_body: whether another request can follow on the connection.
  bool keep_alive() const { return !cut_ && Base::keep_alive(); }
  bool is_http_1_0() const { return version_ == 10; }
  Request take() { return std::move(request_); }

 private:
  using error_code = boost::beast::error_code;
  using string_view = boost::beast::string_view;

  void on_request_impl(boost::beast::http::verb verb, string_view method, string_view target, int version,
                       error_code& error) override;
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(boost::beast::http::field field, string_view name, string_view value, error_code& error) override;
  void on_header_impl(error_code& error) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view bytes, error_code& error) override;
  void on_chunk_header_impl(std::uint64_t size, string_view extensions, error_code& error) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view bytes, error_code& error) override;
  void on_finish_impl(error_code&) override {}

  void count_header_bytes(std::size_t bytes, error_code& error);
  void fault(std::string_view detail, error_code& error);

  const Limits& limits_;
  Request request_;
  std::string_view fault_;  ///< of a string literal
  std::size_t header_bytes_ = 0;
  std::size_t dropped_bytes_ = 0;
  std::uint64_t chunk_left_ = 0;
  int version_ = 0;
  std::uint8_t hosts_ = 0;
  bool header_read_ = false;
  bool expects_continue_ = false;
  bool cut_ = false;
};

}  // namespace troupe::http
