#include <troupe/http/detail/request_parser.hpp>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace troupe::http {
namespace {

namespace beast_http = boost::beast::http;

/// The shortest end of a chunked body: `0`, CRLF, CRLF. Beast's parser asserts that it sees as much when it comes back
/// to the last chunk.
constexpr std::size_t last_chunk_bytes = 5;

/// Reserved at once for a body; a longer one grows as it arrives, for a client may announce much and send nothing.
constexpr std::size_t body_reserve_bytes = 64 * 1024;

/// A separator, a blank and CRLF, as a field has them in the usual form.
constexpr std::size_t field_overhead_bytes = 4;

Method method_of(beast_http::verb verb) {
  switch (verb) {
    case beast_http::verb::get:
      return Method::get;
    case beast_http::verb::head:
      return Method::head;
    case beast_http::verb::post:
      return Method::post;
    case beast_http::verb::put:
      return Method::put;
    case beast_http::verb::patch:
      return Method::patch;
    case beast_http::verb::delete_:
      return Method::delete_;
    case beast_http::verb::options:
      return Method::options;
    default:
      return Method::other;
  }
}

}  // namespace

RequestParser::RequestParser(const Limits& limits) : limits_(limits) {
  Base::header_limit(static_cast<std::uint32_t>(limits.header_bytes));
  Base::body_limit(boost::none);
  Base::eager(true);
}

RequestParser::Step RequestParser::feed(std::string_view bytes) {
  Step step;
  if (header_done() && Base::chunked() && chunk_left_ == 0 && bytes.size() < last_chunk_bytes) return step;

  error_code error;
  step.consumed = Base::put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (cut_) {
    step.state = State::complete;
    return step;
  }
  // Beast measures what it has not consumed; a header that arrives in pieces is consumed field by field.
  const std::size_t rest = bytes.size() - step.consumed;
  if (error == beast_http::error::need_more && !header_done() && header_bytes_ + rest > limits_.header_bytes) {
    error = beast_http::error::header_limit;
  }
  if (error == beast_http::error::need_more) return step;
  if (error) {
    step.state = State::refused;
    const bool header_limit = error == beast_http::error::header_limit;
    step.code = header_limit ? RefusalCode::header_too_large : RefusalCode::invalid;
    if (header_limit) {
      step.detail = "the header is over " + std::to_string(limits_.header_bytes) + " bytes";
    } else {
      step.detail = fault_.empty() ? "malformed request: " + error.message() : std::string(fault_);
    }
    return step;
  }
  if (Base::is_done()) step.state = State::complete;
  return step;
}

void RequestParser::count_header_bytes(std::size_t bytes, error_code& error) {
  header_bytes_ += bytes;
  if (header_bytes_ > limits_.header_bytes) error = beast_http::error::header_limit;
}

void RequestParser::fault(std::string_view detail, error_code& error) {
  fault_ = detail;
  error = beast_http::error::bad_field;
}

void RequestParser::on_request_impl(beast_http::verb verb, string_view method, string_view target, int version,
                                    error_code& error) {
  count_header_bytes(method.size() + target.size(), error);
  version_ = version;
  request_.method = method_of(verb);
  request_.method_name = method;
  request_.target = target;
  constexpr std::size_t usual_header_bytes = 512;
  request_.headers.reserve_bytes(usual_header_bytes);
}

void RequestParser::on_field_impl(beast_http::field field, string_view name, string_view value, error_code& error) {
  count_header_bytes(name.size() + value.size() + field_overhead_bytes, error);
  if (error) return;
  if (header_read_) return;  // a trailer: nothing here may depend on what comes after the body

  switch (field) {
    case beast_http::field::host:
      if (++hosts_ > 1) return fault("a request has one Host field", error);
      break;
    case beast_http::field::transfer_encoding:
      if (!equal_ignoring_case(value, "chunked")) return fault("the only transfer encoding is chunked", error);
      if (version_ == 10) return fault("HTTP/1.0 has no transfer encodings", error);
      break;
    case beast_http::field::expect:
      expects_continue_ = version_ >= 11 && equal_ignoring_case(value, "100-continue");
      break;
    default:
      break;
  }
  request_.headers.add(name, value);
}

void RequestParser::on_header_impl(error_code& error) {
  header_read_ = true;
  if (version_ >= 11 && hosts_ == 0) return fault("a request has one Host field", error);

  const auto length = Base::content_length();
  if (!length) return;
  if (*length > limits_.body_bytes) {
    request_.body_state = BodyState::too_large;
    // More than would ever be dropped: there is nothing to wait for.
    cut_ = *length > limits_.discard_bytes;
    return;
  }
  request_.body.reserve(std::min<std::size_t>(*length, body_reserve_bytes));
}

std::size_t RequestParser::on_body_impl(string_view bytes, error_code& error) {
  if (request_.body_state == BodyState::complete && request_.body.size() + bytes.size() > limits_.body_bytes) {
    request_.body_state = BodyState::too_large;
    dropped_bytes_ = request_.body.size();
    wipe(request_.body);
    request_.body = std::string();
  }
  if (request_.body_state == BodyState::complete) {
    request_.body.append(bytes);
    return bytes.size();
  }
  dropped_bytes_ += bytes.size();
  if (dropped_bytes_ > limits_.discard_bytes) {
    cut_ = true;
    error = beast_http::error::body_limit;
  }
  return bytes.size();
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, string_view, error_code&) { chunk_left_ = size; }

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& error) {
  const std::size_t taken = on_body_impl(bytes, error);
  chunk_left_ -= taken;
  return taken;
}

}  // namespace troupe::http
