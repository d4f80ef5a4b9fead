#include <troupe/http/detail/answer.hpp>

#include <array>
#include <charconv>

namespace troupe::http {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

void append_status_line(std::string& out, std::uint16_t status) {
  if (status == 200) {
    out.append("HTTP/1.1 200 OK\r\n");
    return;
  }
  out.append("HTTP/1.1 ");
  append_number(out, status);
  out.append(" ").append(reason_phrase(status)).append("\r\n");
}

/// RFC 9110, 6.4.1: these answers have no content, whatever the request.
bool has_content(std::uint16_t status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

void append_answer(std::string& out, const Response& response, AnswerFraming framing, std::string_view date) {
  const bool content = has_content(response.status);
  append_status_line(out, response.status);
  out.append(response.headers.lines()).append(date);
  if (content) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  switch (framing.connection) {
    case AnswerFraming::Connection::keep_alive:
      break;
    case AnswerFraming::Connection::keep_alive_1_0:
      out.append("Connection: keep-alive\r\n");
      break;
    case AnswerFraming::Connection::close:
      out.append("Connection: close\r\n");
      break;
  }
  out.append("\r\n");
  if (content && framing.body == AnswerFraming::Body::full) out.append(response.body);
}

std::uint64_t Pipeline::open(AnswerFraming framing, std::size_t body_bytes) {
  if (size() == slots_.size()) grow();
  slot(next_) = Slot{.framing = framing, .body_bytes = body_bytes, .early = nullptr};
  body_bytes_ += body_bytes;
  return next_++;
}

void Pipeline::close_after_last() {
  if (!empty()) slot(next_ - 1).framing.connection = AnswerFraming::Connection::close;
}

void Pipeline::keep(std::uint64_t sequence, Response response) {
  slot(sequence).early = std::make_unique<Response>(std::move(response));
}

void Pipeline::leave() {
  body_bytes_ -= slot(first_).body_bytes;
  slot(first_).early.reset();
  ++first_;
}

void Pipeline::grow() {
  std::vector<Slot> larger(slots_.size() * 2);
  for (auto sequence = first_; sequence != next_; ++sequence) {
    larger[sequence % larger.size()] = std::move(slot(sequence));
  }
  slots_ = std::move(larger);
}

}  // namespace troupe::http
