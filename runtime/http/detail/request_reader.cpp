#include <troupe/http/detail/request_reader.hpp>

#include <utility>

namespace troupe::http {
namespace {

/// Beyond the longest header, what a read may bring: pipelined requests, a body.
constexpr std::size_t read_ahead_bytes = 16 * 1024;

AnswerFraming framing_of(const RequestParser& parser, Method method) {
  AnswerFraming framing;
  framing.body = method == Method::head ? AnswerFraming::Body::head_only : AnswerFraming::Body::full;
  if (!parser.keep_alive()) {
    framing.connection = AnswerFraming::Connection::close;
  } else if (parser.is_http_1_0()) {
    framing.connection = AnswerFraming::Connection::keep_alive_1_0;
  }
  return framing;
}

}  // namespace

RequestReader::RequestReader(const Limits& limits) : limits_(limits), input_(limits.header_bytes + read_ahead_bytes) {}

void RequestReader::received(std::size_t bytes) {
  input_.commit(bytes);
  starved_ = false;
}

void RequestReader::begin() {
  // RFC 9112, 2.2: empty lines before a request are to be skipped.
  while (!input_.empty() && (input_.bytes().front() == '\r' || input_.bytes().front() == '\n')) input_.consume(1);
  if (!input_.empty()) parser_.emplace(limits_);
}

RequestReader::Step RequestReader::step() {
  starved_ = false;
  if (!parser_) begin();
  if (input_.empty()) {
    starved_ = true;
    return {};
  }
  RequestParser::Step parsed = parser_->feed(input_.bytes());
  input_.consume(parsed.consumed);
  switch (parsed.state) {
    case RequestParser::State::complete:
      return {State::complete, {}, {}};
    case RequestParser::State::refused:
      return {State::refused, parsed.code, std::move(parsed.detail)};
    case RequestParser::State::partial:
      break;
  }
  if (parser_->header_done() && parser_->expects_continue() && parser_->body_too_large() && input_.empty()) {
    parser_->cut_body();
    return {State::complete, {}, {}};
  }
  if (input_.full()) {
    return {State::refused, RefusalCode::invalid, "malformed request: a chunk's header or trailer is too long"};
  }
  starved_ = true;
  return {};
}

RequestReader::Taken RequestReader::take() {
  Taken taken;
  taken.request = parser_->take();
  taken.framing = framing_of(*parser_, taken.request.method);
  parser_.reset();
  body_invited_ = false;
  return taken;
}

RequestReader::Begun RequestReader::begun() const {
  if (!parser_) return Begun::nothing;
  return parser_->header_done() ? Begun::body : Begun::header;
}

bool RequestReader::invites_body() {
  if (!parser_ || body_invited_ || !starved_ || !input_.empty()) return false;
  if (!parser_->header_done() || !parser_->expects_continue()) return false;
  body_invited_ = true;
  return true;
}

}  // namespace troupe::http
